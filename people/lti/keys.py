"""Keeps the keys that we sign with, and changes them in time.

The private half stands in the database, because every web process and worker needs it, encrypted with the server's
secret, which does not stand there. A new key is published for a day before it signs, and an old one for a week after:
platforms keep a copy of our list.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from jwcrypto.jwk import JWK
from pylti1p3.registration import Registration

from people.lti.models import SigningKey

LIFETIME: Final = timedelta(days=90)
PUBLISHED_BEFORE: Final = timedelta(days=1)
PUBLISHED_AFTER: Final = timedelta(days=7)
BITS: Final = 2048


def make_key(now: datetime | None = None) -> SigningKey:
    pair = JWK.generate(kty="RSA", size=BITS)
    public = pair.export_to_pem().decode()
    sealed = pair.export_to_pem(private_key=True, password=settings.SECRET_KEY.encode()).decode()
    kid = str(Registration.get_jwk(public)["kid"])
    return SigningKey.objects.create(kid=kid, public=public, sealed=sealed, made_at=now or timezone.now())


def open_key(key: SigningKey) -> str | None:
    """The private half as PEM; None where the server's secret is another one by now."""
    return _unseal(key.sealed, settings.SECRET_KEY)


@lru_cache(maxsize=8)
def _unseal(sealed: str, secret: str) -> str | None:
    # Asked whenever somebody comes in, and slow on purpose: a password is made a key by many rounds of digests.
    try:
        pair = JWK.from_pem(sealed.encode(), password=secret.encode())
    except (ValueError, TypeError):
        return None
    return str(pair.export_to_pem(private_key=True, password=None).decode())


def choose_key(now: datetime | None = None) -> tuple[SigningKey, str]:
    """The newest key that platforms have had time to learn of, and its private half; the first is made when needed."""
    known_since = (now or timezone.now()) - PUBLISHED_BEFORE
    keys = list(SigningKey.objects.all())
    # Newest first among those published long enough; where there is none, the one that will be so first.
    ordered = [key for key in reversed(keys) if key.made_at <= known_since]
    ordered += [key for key in keys if key.made_at > known_since]
    for key in ordered:
        private = open_key(key)
        if private is not None:
            return key, private
    made = make_key(now)
    return made, open_key(made) or ""


def list_published() -> Iterator[Mapping[str, Any]]:
    """Our public keys, as platforms want them; the first is made when they are asked for."""
    if not SigningKey.objects.exists():
        make_key()
    for key in SigningKey.objects.all():
        yield Registration.get_jwk(key.public)


def rotate(now: datetime) -> None:
    """Make the next key when the newest is old, and forget those that nothing was signed with for a week."""
    newest = SigningKey.objects.last()
    if newest is None or newest.made_at <= now - LIFETIME:
        newest = make_key(now)
    in_use = SigningKey.objects.filter(made_at__lte=now - PUBLISHED_BEFORE - PUBLISHED_AFTER).last()
    if in_use:
        SigningKey.objects.filter(made_at__lt=in_use.made_at).delete()


def replace_all(now: datetime) -> SigningKey:
    """Forget every key at once and make another: for when one may have been seen."""
    SigningKey.objects.all().delete()
    return make_key(now)
