"""Keeps the keys under credentials. A retired key signs nothing new and stays published: what it signed stays true.

Two sign at a time: Ed25519 the proofs inside of documents, ES256 the tokens. Their private halves stand sealed in the
database.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from credentials import keys
from credentials.keys import Key, make_key, public_jwk, public_multibase
from people.employers.models import Algorithm, SigningKey
from people.sealing import seal, unseal

PURPOSE: Final = "people.employers.signing"


def open_key(row: SigningKey) -> Key | None:
    """The private half; None where the server's secret is another one by now."""
    secret = unseal(row.sealed, PURPOSE)
    return Key(keys.Algorithm(row.algorithm), secret) if secret else None


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
    sealed = seal(key.secret, PURPOSE)
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
