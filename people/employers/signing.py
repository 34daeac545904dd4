"""Keeps the keys under credentials. A retired key signs nothing new and stays published: what it signed stays true.

Two sign at a time: Ed25519 the proofs inside of documents, ES256 the tokens. The private halves stand in the database,
because every web process and worker signs, sealed with the server's secret, which does not stand there.
"""

import base64
import hashlib
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from credentials import keys
from credentials.keys import Key, make_key, public_jwk, public_multibase
from people.employers.models import Algorithm, SigningKey


def _sealer() -> Fernet:
    secret = hashlib.sha256(b"people.employers.signing:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))


def open_key(row: SigningKey) -> Key | None:
    """The private half; None where the server's secret is another one by now."""
    try:
        return Key(keys.Algorithm(row.algorithm), _sealer().decrypt(row.sealed.encode()))
    except InvalidToken:
        return None


def choose_key(algorithm: Algorithm) -> tuple[SigningKey, Key]:
    """What signs now; the first is made when it is needed, and another where the server's secret opens none."""
    row = SigningKey.objects.filter(algorithm=algorithm, retired=None).first()
    key = open_key(row) if row else None
    if row is None or key is None:
        row = replace_key(algorithm, timezone.now())
        key = open_key(row)
    assert key is not None
    return row, key


def replace_key(algorithm: Algorithm, now: datetime) -> SigningKey:
    """Retire what signs now, and sign with another from here on."""
    key = make_key(keys.Algorithm(algorithm.value))
    sealed = _sealer().encrypt(key.secret).decode()
    with transaction.atomic():
        SigningKey.objects.select_for_update().filter(algorithm=algorithm, retired=None).update(retired=now)
        return SigningKey.objects.create(
            algorithm=algorithm, public=public_multibase(key), jwk=public_jwk(key), sealed=sealed, begins=now
        )


def rotate(now: datetime) -> list[SigningKey]:
    return [replace_key(algorithm, now) for algorithm in Algorithm]


def list_published() -> list[SigningKey]:
    """Every key that ever signed, retired or not; the first are made when they are asked for."""
    for algorithm in Algorithm:
        choose_key(algorithm)
    return list(SigningKey.objects.all())
