"""Writes down what was done to accounts, without a name. Whoever changes something calls this in its transaction."""

from typing import Final

from django.db.models import QuerySet

from people.accounts.models import AccountLine, User

# What allauth tells people of by mail, by the name of the mail.
MAILED: Final = {
    "mfa/email/totp_activated": "switched the second factor on",
    "mfa/email/totp_deactivated": "switched the second factor off",
    "mfa/email/recovery_codes_generated": "made new recovery codes",
    "account/email/password_changed": "changed the password",
    "account/email/password_reset": "reset the password",
    "account/email/password_set": "set a password",
    "account/email/email_changed": "changed the e-mail address",
    "account/email/email_confirm": "confirmed an e-mail address",
    "account/email/email_deleted": "removed an e-mail address",
    "socialaccount/email/account_connected": "connected the identity provider",
    "socialaccount/email/account_disconnected": "parted from the identity provider",
}


def note(user: User, verb: str, text: str = "") -> None:
    """That this was done to this user's account, or with it."""
    AccountLine.objects.create(account=user.pk, verb=verb, text=text)


def name_account(user: User) -> str:
    """How trails that keep a text and no reference name somebody: a pseudonym by itself once the account is gone."""
    return f"account {user.pk}"


def list_lines(user: User) -> QuerySet[AccountLine]:
    """What was done to their account, newest first."""
    return AccountLine.objects.filter(account=user.pk).order_by("-pk")
