"""Credentials as tokens: VC-JWT, where the payload is the credential itself. Open Badges 3.0, section 8.2."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jwcrypto.common import JWException, base64url_decode
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from credentials.keys import Key

# Those that validators of Open Badges take; no other is verified here, `none` least of all.
ALGORITHMS = ("ES256", "RS256")


class TokenFault(Exception):
    """What should be a token is none."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart, and not verified."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    text: str

    @property
    def document(self) -> dict[str, Any]:
        """The credential in it, without the claims that only repeat it."""
        return {
            name: part for name, part in self.payload.items() if name not in ("iss", "jti", "nbf", "sub", "exp", "iat")
        }


def sign_token(document: Mapping[str, Any], key: Key, kid: str) -> str:
    """The credential as a compact JWS by this ES256 key, whose verification method has the id `kid`."""
    claims = {
        **document,
        "iss": document["issuer"]["id"],
        "jti": document["id"],
        "nbf": _seconds(document["validFrom"]),
    }
    if subject := document["credentialSubject"].get("id"):
        claims["sub"] = subject
    if "validUntil" in document:
        claims["exp"] = _seconds(document["validUntil"])
    token = JWS(json.dumps(claims, ensure_ascii=False))
    header = {"alg": key.algorithm.value, "kid": kid, "typ": "JWT"}
    token.add_signature(key.jwk, None, json.dumps(header))
    text: str = token.serialize(compact=True)
    return text


def read_token(text: str) -> Token:
    """The parts of a compact token. Raises TokenFault; whether it is genuine, `is_token_of` says."""
    try:
        header, payload, _ = text.strip().split(".")
        told = [json.loads(base64url_decode(part)) for part in (header, payload)]
    except (ValueError, TypeError, RecursionError) as fault:
        raise TokenFault("three parts in base64url are a token") from fault
    if not all(isinstance(part, dict) for part in told):
        raise TokenFault("header and payload are objects")
    return Token(told[0], told[1], text.strip())


def is_token_of(token: Token, public: JWK) -> bool:
    """Whether this key signed the token, with one of the algorithms that are taken."""
    if token.header.get("alg") not in ALGORITHMS:
        return False
    signed = JWS()
    signed.allowed_algs = [*ALGORITHMS]
    try:
        signed.deserialize(token.text, public)
    except (JWException, ValueError, TypeError):
        return False
    return True


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
