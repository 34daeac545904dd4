"""Seals secrets that stand in the database, because every web process and worker uses them.

They are encrypted with the server's secret, which does not stand there: a copied row opens nothing.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


def seal(secret: bytes, purpose: str) -> str:
    """What may be stored. What is sealed for one purpose opens for no other."""
    return _box(purpose).encrypt(secret).decode()


def unseal(sealed: str, purpose: str) -> bytes | None:
    """None where the server's secret is another one by now."""
    try:
        return _box(purpose).decrypt(sealed.encode())
    except InvalidToken:
        return None


def _box(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(salted_hmac(purpose, "seal", algorithm="sha256").digest()))
