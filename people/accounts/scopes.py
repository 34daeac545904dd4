"""What a token may be used for. One place decides it, for the API, for git and for streams."""

from functools import cache

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.accounts.models import AccessToken


class Scope(models.TextChoices):
    READ = "read", gettext_lazy("read all that you may read")
    SUBMIT = "submit", gettext_lazy("work on projects and hand in, also by git")
    SHARE = "share", gettext_lazy("claim credentials, and show others what you have shown")
    LEAD = "lead", gettext_lazy("lead cohorts")
    HIRE = "hire", gettext_lazy("act for employers")
    OPERATE = "operate", gettext_lazy("run this installation, for staff")


# What a command line needs.
USUAL = (Scope.READ, Scope.SUBMIT)


class OutOfScope(Exception):
    """This token is not for that. `needs` is the scope that would be, or empty where none is."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs

    @property
    def sentence(self) -> str:
        if self.needs:
            return _("This token is not for that: it lacks the scope “{scope}”.").format(scope=self.needs)
        return _("No token is for that: do it on the pages.")


@cache
def _scopes_of_addresses() -> dict[str, str]:
    return {address: scope for scope, addresses in settings.TOKEN_SCOPES.items() for address in addresses}


def require_scope(token: AccessToken, address: str, is_reading: bool) -> None:
    """Raises OutOfScope unless this token is for the address of this name."""
    needs = _scopes_of_addresses().get(address, "")
    if needs in (*token.scopes, Scope.READ) or (is_reading and Scope.READ in token.scopes):
        return
    raise OutOfScope(needs or (Scope.READ.value if is_reading else ""))
