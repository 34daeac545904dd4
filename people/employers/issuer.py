"""Who signs credentials here: this instance by its domain where it has one behind https, else by its keys alone."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.urls import reverse

from credentials.documents import Issuer
from credentials.keys import Key, did_key
from people.employers.models import Algorithm, SigningKey
from people.employers.signing import choose_key, list_published, open_key

DID_KEY: Final = "did:key:"
DID_CONTEXTS: Final = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
]


def address_of(name: str, *args: object) -> str:
    """Where something of ours is, as a whole address: it is signed, so no request decides it."""
    return str(settings.MILEPOST_ADDRESS) + reverse(name, args=args)


def find_domain() -> str | None:
    """Our did:web, where the site has an address of its own behind https; None where it has not."""
    parts = urlsplit(settings.MILEPOST_ADDRESS)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/"):
        return None
    return f"did:web:{quote(parts.netloc.lower(), safe='.-')}"


def find_issuer(key: Key) -> str:
    """Who has signed what this key signs."""
    return find_domain() or did_key(key)


def name_key(issuer: str, row: SigningKey) -> str:
    """How a document names the key that it is signed with."""
    return f"{issuer}#{row.public}"


def describe_issuer(issuer: str) -> Issuer:
    """The profile that stands in each credential."""
    return Issuer(issuer, settings.MILEPOST_NAME, address_of("frontend:issuer"))


def describe_domain() -> dict[str, Any]:
    """Our DID document, with every key that ever signed for it; empty where we go by did:key."""
    issuer = find_domain()
    if issuer is None:
        return {}
    methods = [_describe_key(issuer, row) for row in list_published()]
    named = [method["id"] for method in methods]
    return {"@context": DID_CONTEXTS, "id": issuer, "verificationMethod": methods, "assertionMethod": named}


def _describe_key(issuer: str, row: SigningKey) -> dict[str, Any]:
    named = {"id": name_key(issuer, row), "controller": issuer}
    if row.algorithm == Algorithm.ED25519:
        return {**named, "type": "Multikey", "publicKeyMultibase": row.public}
    return {**named, "type": "JsonWebKey", "publicKeyJwk": row.jwk}


@dataclass(frozen=True, slots=True)
class Signer:
    """Whoever signs with a key, what documents call that key, and itself."""

    issuer: str
    method: str
    key: Key


def choose_signer(algorithm: Algorithm, issuer: str = "") -> Signer:
    """Who signs now; with an issuer, whoever can still sign for it.

    A did:key is its key, retired or not: nobody else can sign the lists of what it signed.
    """
    row, key = choose_key(algorithm)
    if issuer.startswith(DID_KEY):
        row = SigningKey.objects.get(public=issuer.removeprefix(DID_KEY))
        key = open_key(row) or key
    found = issuer or find_issuer(key)
    return Signer(found, name_key(found, row), key)


def list_issuers() -> list[str]:
    """By which names we have signed: our domain, and each of our keys."""
    domain = find_domain()
    return [*([domain] if domain else []), *(f"{DID_KEY}{row.public}" for row in list_published())]
