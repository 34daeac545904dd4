"""Keys that sign, and keys that verify: Ed25519 for embedded proofs, P-256 (and RSA of others) for tokens."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK

# What stands before a public key in its multibase form says which kind it is (multicodec).
PREFIXES = {"Ed25519": b"\xed\x01", "ES256": b"\x80\x24"}
BASE58 = "z"
LEAST_RSA_BITS = 2048


class KeyFault(Exception):
    """What should be a key is none, or one that may not be used here."""


class Algorithm(StrEnum):
    """How a key of ours signs."""

    ED25519 = "Ed25519"
    ES256 = "ES256"


@dataclass(frozen=True, slots=True)
class Key:
    """A private key as its JWK; it never shows itself in a traceback."""

    algorithm: Algorithm
    secret: bytes = field(repr=False)

    @property
    def jwk(self) -> JWK:
        """Private and public part, as jwcrypto takes it."""
        return JWK.from_json(self.secret.decode())

    @property
    def public(self) -> JWK:
        """What may be published."""
        return JWK.from_json(self.jwk.export_public())


def make_key(algorithm: Algorithm) -> Key:
    """A new key of this kind."""
    shape = {"kty": "OKP", "crv": "Ed25519"} if algorithm is Algorithm.ED25519 else {"kty": "EC", "crv": "P-256"}
    return Key(algorithm, JWK.generate(**shape).export_private().encode())


def public_jwk(key: Key) -> dict[str, str]:
    """The public part as DID documents tell it (`publicKeyJwk`)."""
    told: dict[str, str] = json.loads(key.jwk.export_public())
    return told


def public_multibase(key: Key) -> str:
    """The public part as a Multikey (`publicKeyMultibase`): a prefix for its kind, and base58 after a `z`."""
    public = key.public.get_op_key("verify")
    if key.algorithm is Algorithm.ED25519:
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        raw = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return BASE58 + base58.b58encode(PREFIXES[key.algorithm] + raw).decode()


def did_key(key: Key) -> str:
    """The identifier that is this key and needs no address: `did:key:z…`."""
    return f"did:key:{public_multibase(key)}"


def read_multibase(text: str) -> JWK:
    """The public key of a Multikey. Raises KeyFault."""
    if not text.startswith(BASE58) or len(text) > 200:
        raise KeyFault("a Multikey begins with z, and has at most 200 characters")
    try:
        raw = base58.b58decode(text[1:])
    except ValueError as fault:
        raise KeyFault("this is no base58") from fault
    return _read_prefixed(raw)


def _read_prefixed(raw: bytes) -> JWK:
    kind, body = raw[:2], raw[2:]
    try:
        if kind == PREFIXES["Ed25519"]:
            return JWK.from_pyca(Ed25519PublicKey.from_public_bytes(body))
        if kind == PREFIXES["ES256"]:
            return JWK.from_pyca(EllipticCurvePublicKey.from_encoded_point(SECP256R1(), body))
    except ValueError as fault:
        raise KeyFault("the bytes of this key are no key") from fault
    raise KeyFault("only Ed25519 and P-256 keys are read")


def read_jwk(told: Any) -> JWK:
    """The public key of a JWK: Ed25519, P-256, or RSA of at least 2048 bits. Raises KeyFault."""
    if not isinstance(told, dict):
        raise KeyFault("a JWK is an object")
    try:
        key = JWK(**{name: part for name, part in told.items() if isinstance(part, str)})
        public = JWK.from_json(key.export_public())
    except (JWException, ValueError, TypeError) as fault:
        raise KeyFault("this JWK is no public key") from fault
    _require_strength(public)
    return public


def _require_strength(public: JWK) -> None:
    kind = public.get("kty"), public.get("crv")
    if kind in (("OKP", "Ed25519"), ("EC", "P-256")):
        return
    if kind[0] == "RSA" and public.get_op_key("verify").key_size >= LEAST_RSA_BITS:
        return
    raise KeyFault("only Ed25519, P-256, and RSA of at least 2048 bits are read")


def sign_bytes(key: Key, content: bytes) -> bytes:
    """An Ed25519 signature of 64 bytes."""
    signature: bytes = key.jwk.get_op_key("sign").sign(content)
    return signature


def is_signed(public: JWK, content: bytes, signature: bytes) -> bool:
    """Whether this Ed25519 key signed these bytes."""
    key = public.get_op_key("verify")
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True
