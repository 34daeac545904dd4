"""Issues, finds and revokes access tokens. The only module that ever sees one in clear."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from people.accounts.models import AccessToken, User
from people.accounts.scopes import Scope
from people.accounts.trail import note

MARK = "mlp_"
# A token in daily use need not write its row at every request.
USE_NOTED_EVERY = timedelta(minutes=5)
LIFETIMES = (7, 30, 90, 180)
USUAL_DAYS = 90


def list_lifetimes() -> list[int]:
    """For how many days a token may be made here: the usual choices, and the most that is allowed."""
    most = settings.MILEPOST_TOKEN_DAYS
    return sorted({most, *(days for days in LIFETIMES if days < most)})


def usual_days() -> int:
    return min(USUAL_DAYS, int(settings.MILEPOST_TOKEN_DAYS))


def issue_token(user: User, name: str, scopes: Collection[str] = tuple(Scope), days: int = 0) -> str:
    """A new token, in clear: show it once, it cannot be shown again. Without a number of days, for the usual time."""
    token = MARK + secrets.token_urlsafe(32)
    ends = timezone.now() + timedelta(days=min(days or usual_days(), settings.MILEPOST_TOKEN_DAYS))
    held = [scope.value for scope in Scope if scope in scopes]
    told = {"prefix": token[:8], "digest": _digest(token), "scopes": held, "expires_at": ends}
    with transaction.atomic():
        AccessToken.objects.create(user=user, name=name, **told)
        note(user, "made a token", f"{token[:8]}… {' '.join(held)}")
    return token


def find_token(token: str) -> AccessToken | None:
    """The live token that these characters are; its use is noted."""
    now = timezone.now()
    found = (
        AccessToken.objects.select_related("user")
        .filter(digest=_digest(token), expires_at__gt=now, user__is_active=True)
        .first()
    )
    if found and (found.last_used_at is None or now - found.last_used_at > USE_NOTED_EVERY):
        AccessToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def revoke_token(user: User, pk: int) -> bool:
    """Whether there was such a token of this user to revoke."""
    with transaction.atomic():
        found = AccessToken.objects.filter(user=user, pk=pk).first()
        if found is None:
            return False
        note(user, "revoked a token", f"{found.prefix}…")
        found.delete()
    return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
