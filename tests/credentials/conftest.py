"""An issuer at milepost.example with its two keys, a credential of Alice's, and all that can be fetched of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from credentials.documents import (
    Achievement,
    Alignment,
    Exhibit,
    Grant,
    Identity,
    Issuer,
    Result,
    ResultKind,
    RubricLevel,
    StatusEntry,
    build_credential,
)
from credentials.keys import Algorithm, Key, make_key, public_jwk, public_multibase
from credentials.proofs import sign
from credentials.status import LEAST_ENTRIES, set_bit, status_credential
from credentials.tokens import sign_token

SITE = "https://milepost.example"
DID = "did:web:milepost.example"
LIST = f"{SITE}/status/1"
KEYS = f"{SITE}/.well-known/did.json"
THEN = datetime(2026, 11, 28, 9, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
INDEX = 4711
MILEPOST = Issuer(DID, "Milepost", SITE)


@dataclass(frozen=True)
class Desk:
    """Whoever issues at milepost.example."""

    key: Key = field(default_factory=lambda: make_key(Algorithm.ED25519))
    token_key: Key = field(default_factory=lambda: make_key(Algorithm.ES256))

    def sign(self, document: Mapping[str, Any], method: str = f"{DID}#one") -> dict[str, Any]:
        return sign(document, self.key, method, THEN)

    def sign_token(self, document: Mapping[str, Any]) -> str:
        return sign_token(document, self.token_key, f"{DID}#two")

    def list(self, *revoked: int) -> dict[str, Any]:
        bits = bytes(LEAST_ENTRIES // 8)
        for index in revoked:
            bits = set_bit(bits, index)
        return self.sign(status_credential(LIST, DID, bits, THEN))

    def publish(self, *revoked: int) -> dict[str, bytes | None]:
        """What can be fetched: the keys and the list."""
        methods = [
            {"id": f"{DID}#one", "type": "Multikey", "publicKeyMultibase": public_multibase(self.key)},
            {"id": f"{DID}#two", "type": "JsonWebKey", "publicKeyJwk": public_jwk(self.token_key)},
        ]
        did = {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": DID,
            "verificationMethod": [{**method, "controller": DID} for method in methods],
            "assertionMethod": [method["id"] for method in methods],
        }
        return {KEYS: json.dumps(did).encode(), LIST: json.dumps(self.list(*revoked)).encode()}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def document() -> dict[str, Any]:
    """Alice cleans at level 3; not yet signed."""
    return build_credential(make_grant())


def make_grant(issuer: Issuer = MILEPOST) -> Grant:
    page = f"{SITE}/achievements/clean"
    levels = [RubricLevel(f"{page}#level-{n}", str(n), f"Level {n}", "What it means.") for n in (1, 2, 3, 4)]
    esco = Alignment("perform data cleansing", "http://data.europa.eu/esco/skill/50b100ea", "ESCO")
    kind = ResultKind(f"{page}#result", "Level", "RubricCriterionLevel", levels, levels[0].id)
    return Grant(
        id="urn:uuid:0f6f4a52-5d0e-4a0b-9d0c-5c0a5a2a7e11",
        name="Clean, level 3",
        issuer=issuer,
        achievement=Achievement(
            page, "Clean", "Repairs what is broken.", "Checks hold.", "Assessment", "3", [esco], [kind]
        ),
        valid_from=THEN,
        status=StatusEntry(LIST, INDEX),
        subject="urn:uuid:1f6f4a52-5d0e-4a0b-9d0c-5c0a5a2a7e11",
        subject_name="Alice",
        identity=Identity("sha256$4df2714acd0b477b31f4edcaa4e3c5a62303a9018f1ec6c8bb72e0e758167104", "b1f0c0de5a17"),
        ended=THEN,
        results=[Result(kind.id, levels[2].id)],
        evidence=[Exhibit(f"{SITE}/credentials/0f6f4a52", "amounts_are_right", "Run 12, 0 hints.", "check")],
    )
