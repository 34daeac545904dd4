"""Mails about an account, in the language of whose it is, whoever asked for them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import get_language, override

from people.accounts.languages import is_spoken
from people.accounts.models import User


class LetterWriter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's own, but that it writes to people as they chose."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        user = context.get("user")
        chosen = user.language if isinstance(user, User) and is_spoken(user.language) else get_language()
        with override(chosen):
            super().send_mail(template_prefix, email, context)
