"""The one door for passwords: who asks from where, how often, and what is asked once more of whom."""

from typing import Any, Final

from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from people.accounts.letters import LetterWriter
from people.accounts.queries import find_account
from people.accounts.trail import MAILED, note
from people.rates import find_address

# The longest of the spans that allauth counts failures in: after it, whoever was too quick is heard again.
WAIT_S: Final = 300


class DoorKeeper(LetterWriter):
    """allauth's own, but that addresses are found as the API finds them, and that too often is a 429."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return find_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as fault:
            # The account that was meant, if there is one; nothing else of what was typed is written down.
            if meant := find_account(str(credentials.get("email") or credentials.get("username") or "")):
                note(meant, "was asked for too often", find_address(request))
            raise ImmediateHttpResponse(answer_too_often(request)) from fault

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        if verb := MAILED.get(template_prefix):
            note(user, verb)
        super().send_notification_mail(template_prefix, user, *args, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor shows that one: else a password alone could switch it off."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [way for way in ways if way["id"] == "mfa_reauthenticate"] or ways


def answer_too_often(request: HttpRequest) -> HttpResponse:
    """The page for whoever asks too often; allauth finds it as `handler429` beside the addresses."""
    page = render_to_string("429.html", {"minutes": WAIT_S // 60}, request)
    return HttpResponse(page, status=429, headers={"Retry-After": str(WAIT_S)})
