"""A second factor beside the password: who has one, who must have one, and how its secret is kept."""

from collections.abc import Callable
from typing import cast

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.utils.module_loading import import_string

from people.accounts.models import User
from people.sealing import seal, unseal

PURPOSE = "second-factor"


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's own, but that secrets are sealed, and that who must have one keeps it."""

    def get_totp_issuer(self) -> str:
        return str(settings.MILEPOST_NAME)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        return seal(text.encode(), PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        # Under another server secret nothing opens it: then no code may fit, and an empty secret has codes.
        found = unseal(encrypted_text, PURPOSE)
        return found.decode() if found else generate_totp_secret()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not must_have(cast(User, authenticator.user))


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def must_have(user: User) -> bool:
    """Whether this site asks one of this user, by MILEPOST_REQUIRE_MFA."""
    whose = settings.MILEPOST_REQUIRE_MFA
    return whose == "everybody" or (whose == "leaders" and _has_power(user))


def lacks_one(user: User) -> bool:
    """Whether this user must have one and has none."""
    return must_have(user) and not has_second_factor(user)


def accept_code(user: User, code: str) -> str:
    """Take a code of this user's, once. What is wrong with it, in words; empty if it fits."""
    form = AuthenticateForm(user=user, data={"code": code})
    if not form.is_valid():
        return str(form.errors["code"][0])
    form.authenticator.record_usage()
    return ""


def _has_power(user: User) -> bool:
    rules: list[Callable[[User], bool]] = [import_string(name) for name in settings.POWERS]
    return user.is_staff or any(rule(user) for rule in rules)
