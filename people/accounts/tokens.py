"""Issues, finds and revokes access tokens. The only module that ever sees one in clear."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from people.accounts.models import AccessToken, User

MARK = "mlp_"
# A token in daily use need not write its row at every request.
USE_NOTED_EVERY = timedelta(minutes=5)


def issue_token(user: User, name: str) -> str:
    """A new token, in clear: show it once, it cannot be shown again."""
    token = MARK + secrets.token_urlsafe(32)
    AccessToken.objects.create(user=user, name=name, prefix=token[:8], digest=_digest(token))
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
    return AccessToken.objects.filter(user=user, pk=pk).delete()[0] > 0


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
