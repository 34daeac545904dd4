"""Reads what somebody handed over as a credential: JSON, a token, or a picture with either in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from credentials.baking import PNG, NoPicture, unbake
from credentials.tokens import Token, TokenFault, read_token

MOST_BYTES = 256 * 1024
MOST_PICTURE_BYTES = 2 * 1024 * 1024


class Unreadable(Exception):
    """What was handed over is no credential; `code` says why, as one of the findings."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it was handed over, nothing of it verified yet. `token` where it came as one."""

    document: Mapping[str, Any]
    token: Token | None = None

    @property
    def issuer(self) -> str:
        """The id of who says that they issued it."""
        told = self.document.get("issuer")
        return str(told.get("id", "") if isinstance(told, dict) else told or "")

    @property
    def proofs(self) -> list[Mapping[str, Any]]:
        told = self.document.get("proof")
        return [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)]

    @property
    def methods(self) -> list[object]:
        """The verification methods that its proofs name."""
        if self.token:
            return [self.token.header.get("kid")]
        return [one.get("verificationMethod") for one in self.proofs]

    @property
    def status_entries(self) -> list[Mapping[str, Any]]:
        """Where it says that its revocation would be found."""
        entries = [one for one in _flatten(self.document.get("credentialStatus")) if isinstance(one, dict)]
        plain = [{name: _unwrap(part) for name, part in one.items()} for one in entries]
        return [one for one in plain if one.get("statusPurpose", "revocation") == "revocation"]


def _flatten(told: Any) -> list[Any]:
    return [leaf for part in told for leaf in _flatten(part)] if isinstance(told, list) else [told]


def _unwrap(told: Any) -> Any:
    """A list of one is signed like what is in it, and so must be read like it."""
    return told[0] if isinstance(told, list) and len(told := _flatten(told)) == 1 else told


def read_credential(content: bytes) -> Credential:
    """The credential in these bytes. Raises Unreadable."""
    text = _read_text(content).strip()
    if not text:
        raise Unreadable("empty")
    if not text.startswith(("{", "[")) and text.count(".") == 2:
        return _read_token(text)
    document = _read_json(text)
    if "type" not in document or "issuer" not in document:
        raise Unreadable("no-credential")
    return Credential(document)


def _read_text(content: bytes) -> str:
    is_picture = content.startswith(PNG) or b"<svg" in content[:4096]
    if len(content) > (MOST_PICTURE_BYTES if is_picture else MOST_BYTES):
        raise Unreadable("too-large")
    if is_picture:
        return _unbake(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Unreadable("no-text") from fault


def _unbake(content: bytes) -> str:
    try:
        baked = unbake(content)
    except NoPicture as fault:
        raise Unreadable("no-text") from fault
    if baked is None:
        raise Unreadable("nothing-baked")
    if len(baked) > MOST_BYTES:
        raise Unreadable("too-large")
    return baked


def _read_token(text: str) -> Credential:
    try:
        token = read_token(text)
    except TokenFault as fault:
        raise Unreadable("no-json") from fault
    if "issuer" not in token.payload:
        raise Unreadable("no-credential")
    return Credential(token.document, token)


def _read_json(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text, object_pairs_hook=_refuse_twins, parse_constant=_refuse)
    except (ValueError, RecursionError) as fault:
        raise Unreadable("no-json") from fault
    if not isinstance(told, dict):
        raise Unreadable("no-json")
    return told


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice, one reader takes the first and another the last: so nobody takes either."""
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a name stands twice")
    return told


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
