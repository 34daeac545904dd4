"""Makes, seals and uses the secrets that webhooks are signed with, as Standard Webhooks has them.

Secrets are sealed in the database. After a change the one before signs as well for a day, so that nothing is refused in
between.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from people.employers.models import Webhook
from people.sealing import seal, unseal

PREFIX: Final = "whsec_"
BYTES: Final = 32
BOTH_SIGN_FOR: Final = timedelta(days=1)
PURPOSE: Final = "people.employers.hook_secrets"


def make_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def seal_secret(secret: str) -> str:
    return seal(secret.encode(), PURPOSE)


def sign(hook: Webhook, event_id: str, body: str, now: datetime) -> dict[str, str] | None:
    """The headers of one try; None where no secret can be opened."""
    at = str(int(now.timestamp()))
    signatures = [_sign_with(secret, f"{event_id}.{at}.{body}") for secret in _list_secrets(hook, now)]
    if not signatures:
        return None
    return {"webhook-id": event_id, "webhook-timestamp": at, "webhook-signature": " ".join(signatures)}


def _list_secrets(hook: Webhook, now: datetime) -> Iterator[str]:
    both = hook.old_sealed and hook.rotated_at and now < hook.rotated_at + BOTH_SIGN_FOR
    for sealed in (hook.sealed, hook.old_sealed) if both else (hook.sealed,):
        secret = unseal(sealed, PURPOSE)
        if secret:
            yield secret.decode()


def _sign_with(secret: str, text: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
