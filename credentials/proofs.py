"""Embedded proofs: Data Integrity with the cryptosuite eddsa-rdfc-2022, and no term unsigned.

W3C Verifiable Credential Data Integrity 1.0, and its EdDSA Cryptosuites v1.0, section 3.2.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import base58
from jwcrypto.jwk import JWK
from pyld import jsonld

from credentials.contexts import FILES, UnknownContext, load_context
from credentials.keys import BASE58, Key, is_signed, sign_bytes

SUITE = "eddsa-rdfc-2022"
KIND = "DataIntegrityProof"
PURPOSE = "assertionMethod"
SIGNATURE_BYTES = 64
# Without a base, what is no whole address stays short, and is found.
OPTIONS = {"documentLoader": load_context, "base": None}


class UnsignedTerm(Exception):
    """A term that no context defines: canonical form drops it, so whoever changed it would not be found out."""

    def __init__(self, term: str) -> None:
        self.term = term
        super().__init__(term)


class Uncanonical(Exception):
    """The document is no JSON-LD that could be brought into canonical form."""


def sign(document: Mapping[str, Any], key: Key, method: str, created: datetime) -> dict[str, Any]:
    """The document with a proof by this Ed25519 key, whose verification method has this id.

    Raises UnsignedTerm where a part of it would stay unsigned, UnknownContext, or Uncanonical.
    """
    bare = _without_proof(document)
    told = {
        "type": KIND,
        "cryptosuite": SUITE,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
    }
    signature = sign_bytes(key, _hash(bare, told))
    return {**bare, "proof": {**told, "proofValue": BASE58 + base58.b58encode(signature).decode()}}


def is_proved(document: Mapping[str, Any], proof: Mapping[str, Any], public: JWK) -> bool:
    """Whether this proof of the document is by this key. Raises as `sign` does."""
    told = {name: part for name, part in proof.items() if name != "proofValue"}
    return is_signed(public, _hash(_without_proof(document), told), _read_signature(proof.get("proofValue")))


def _without_proof(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in document.items() if name != "proof"}


def _read_signature(told: object) -> bytes:
    if not isinstance(told, str) or not told.startswith(BASE58) or len(told) > 2 * SIGNATURE_BYTES:
        return b""
    try:
        return base58.b58decode(told[1:])
    except ValueError:
        return b""


def _hash(bare: Mapping[str, Any], told: Mapping[str, Any]) -> bytes:
    options = {"@context": bare.get("@context"), **told}
    return b"".join(sha256(canonicalise(part).encode()).digest() for part in (options, bare))


def canonicalise(document: Mapping[str, Any]) -> str:
    """RDF Dataset Canonicalization (RDFC-1.0) of a document all of whose terms are defined."""
    _require_known_contexts(document)
    # Once expanded, no context is read again.
    expanded = _expand(document)
    try:
        canonical: str = jsonld.normalize(
            expanded, {**OPTIONS, "format": "application/n-quads", "algorithm": "URDNA2015"}
        )
    except (jsonld.JsonLdError, RecursionError) as fault:
        raise _unwrap(fault) from fault
    return canonical


def _require_known_contexts(document: Mapping[str, Any]) -> None:
    """Contexts by address, at the top only. One written out in the document could give signed terms other names."""
    named = document.get("@context")
    for context in named if isinstance(named, list) else [named]:
        if not isinstance(context, str) or context not in FILES:
            raise UnknownContext(str(context)[:200])
    if keyword := next(_list_keywords({name: part for name, part in document.items() if name != "@context"}), None):
        raise UnsignedTerm(keyword)


def _list_keywords(node: Any) -> Iterator[str]:
    """Names that need no context. A whole address in place of `credentialStatus` is signed alike, and not looked at."""
    if isinstance(node, list):
        for part in node:
            yield from _list_keywords(part)
    elif isinstance(node, dict):
        yield from (name for name in node if name.startswith("@") or ":" in name)
        for part in node.values():
            yield from _list_keywords(part)


def _expand(document: Mapping[str, Any]) -> list[Any]:
    """The document in full, if all of its terms are defined."""
    dropped: list[str] = []
    try:
        expanded: list[Any] = jsonld.expand(document, OPTIONS, on_property_dropped=dropped.append)
    except (jsonld.JsonLdError, RecursionError) as fault:
        raise _unwrap(fault) from fault
    if unsigned := next(iter((*dropped, *_list_relative(expanded))), None):
        raise UnsignedTerm(unsigned)
    return expanded


def _list_relative(node: Any) -> Iterator[str]:
    """Types and ids that are no whole addresses: they too are dropped from the canonical form."""
    if isinstance(node, list):
        for part in node:
            yield from _list_relative(part)
    elif isinstance(node, dict):
        named = [node.get("@id", ":"), *(node.get("@type") or [":"] if "@value" not in node else [":"])]
        yield from (str(name) for name in named if ":" not in str(name))
        for part in node.values():
            yield from _list_relative(part)


def _unwrap(fault: BaseException | None) -> Exception:
    """What lies at the bottom of pyld's own errors."""
    told: BaseException | None = fault
    while told is not None:
        if isinstance(told, UnknownContext | MemoryError):
            return told
        told = getattr(told, "cause", None) or told.__cause__
    return Uncanonical(str(getattr(fault, "code", "")) or type(fault).__name__)
