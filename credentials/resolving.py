"""Finds the key that a verification method names: did:key and did:jwk hold it, did:web publishes it at an address."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from jwcrypto.common import base64url_decode
from jwcrypto.jwk import JWK

from credentials.keys import KeyFault, read_jwk, read_multibase

LONGEST_DID = 1000
# What was fetched beforehand, by its address; nothing for what could not be had.
Fetched = Mapping[str, bytes | None]


class Unresolved(Exception):
    """The key cannot be had. `code` says why: not-fetched, unreadable, unknown-method, or unknown-key."""

    def __init__(self, code: str, about: str) -> None:
        self.code, self.about = code, about
        super().__init__(f"{code}: {about}")


@dataclass(frozen=True, slots=True)
class Method:
    """A verification method: its key, and the DID that controls it."""

    key: JWK
    controller: str


def address_of(did: str) -> str | None:
    """Where this DID's document lies, if it is one that has to be fetched."""
    scheme, _, rest = did.partition("#")[0].partition("did:web:")
    if scheme or not rest or len(did) > LONGEST_DID:
        return None
    host, *path = [unquote(part) for part in rest.split(":")]
    if not host or any(set(part) & set("/?#@\\ ") or part in ("", ".", "..") for part in (host, *path)):
        return None
    return f"https://{host}/{'/'.join(path) or '.well-known'}/did.json"


def domain_of(did: str) -> str:
    """The domain that a did:web stands for; empty for any other."""
    return (address_of(did) or "").removeprefix("https://").partition("/")[0]


def resolve(method: object, fetched: Fetched) -> Method:
    """The key of this verification method, as it may be used for assertions. Raises Unresolved."""
    if not isinstance(method, str) or len(method) > LONGEST_DID:
        raise Unresolved("unknown-method", "")
    did = method.partition("#")[0]
    try:
        if did.startswith("did:key:"):
            return Method(read_multibase(did.removeprefix("did:key:")), did)
        if did.startswith("did:jwk:"):
            return Method(read_jwk(json.loads(base64url_decode(did.removeprefix("did:jwk:")))), did)
        if address := address_of(did):
            return _find_method(method, did, _read_document(did, address, fetched))
    except (KeyFault, ValueError, TypeError, RecursionError) as fault:
        raise Unresolved("unreadable", did) from fault
    raise Unresolved("unknown-method", did)


def _read_document(did: str, address: str, fetched: Fetched) -> dict[str, Any]:
    content = fetched.get(address)
    if content is None:
        raise Unresolved("not-fetched", address)
    told = json.loads(content)
    if not isinstance(told, dict) or told.get("id") != did:
        raise Unresolved("unreadable", address)
    return told


def _find_method(method: str, did: str, document: Mapping[str, Any]) -> Method:
    """The method of this id, which the document itself must have for assertions; a foreign controller is refused."""
    known = {_absolute(one["id"], did): one for one in _list_methods(document, "verificationMethod")}
    allowed = document.get("assertionMethod")
    for entry in allowed if isinstance(allowed, list) else []:
        found = entry if isinstance(entry, dict) else known.get(_absolute(str(entry), did))
        if found and _absolute(str(found.get("id")), did) == method and found.get("controller") == did:
            return Method(_read_key(found), did)
    raise Unresolved("unknown-key", method)


def _list_methods(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    told = document.get(name)
    listed = told if isinstance(told, list) else []
    return [one for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)]


def _absolute(name: str, did: str) -> str:
    return f"{did}{name}" if name.startswith("#") else name


def _read_key(method: Mapping[str, Any]) -> JWK:
    if "publicKeyJwk" in method:
        return read_jwk(method["publicKeyJwk"])
    return read_multibase(str(method.get("publicKeyMultibase", "")))
