"""Reads accounts. An e-mail address counts as somebody's only once they have confirmed it."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db.models.functions import Lower

from people.accounts.models import User

# How many names one query may ask for; the smallest limit of our databases is 32,766 parameters.
AT_ONCE = 10_000


def confirmed_addresses(users: Iterable[int]) -> dict[str, int]:
    """The confirmed addresses of these accounts, in small letters, and whose each is."""
    rows = EmailAddress.objects.filter(verified=True, user__in=users).values_list("email", "user")
    return {email.lower(): user for email, user in rows}


def find_confirmed(email: str) -> User | None:
    """Who has confirmed this address."""
    confirmed = EmailAddress.objects.filter(verified=True, email__iexact=email, user__is_active=True)
    found = confirmed.select_related("user").first()
    user: User | None = found.user if found else None
    return user


def find_accounts(names: Iterable[str]) -> dict[str, int]:
    """The accounts of these user names, which are given and told in small letters."""
    wanted = sorted(set(names))
    found: dict[str, int] = {}
    for first in range(0, len(wanted), AT_ONCE):
        rows = User.objects.filter(is_active=True).annotate(name=Lower("username"))
        found.update(rows.filter(name__in=wanted[first : first + AT_ONCE]).order_by("-pk").values_list("name", "pk"))
    return found


def find_account(named: str) -> User | None:
    """The account of this user name, or of this e-mail address if somebody has confirmed it."""
    exact = User.objects.filter(is_active=True, username__iexact=named).order_by("pk").first()
    return exact or (find_confirmed(named) if "@" in named else None)
