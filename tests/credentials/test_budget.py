"""What takes without end is stopped, and what it says is not believed."""

import json
from typing import Any

from credentials.budget import verify_within
from credentials.contexts import CREDENTIALS, OPEN_BADGES
from credentials.verifying import Answer, verify
from tests.credentials.conftest import NOW, Desk


def make_bomb(strands: int) -> dict[str, Any]:
    """Nodes without names, each knowing all others: canonical form tries their orders, which are too many."""
    return {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "type": ["VerifiableCredential"],
        "issuer": "did:key:z",
        "credentialSubject": [
            {"id": f"_:s{n}", "type": ["Profile"], "parentOrg": [{"id": f"_:s{m}"} for m in range(strands) if m != n]}
            for n in range(strands)
        ],
    }


def test_within_its_budget_it_answers_as_without_one(desk: Desk, document: dict[str, Any]) -> None:
    for content in (json.dumps(desk.sign(document)).encode(), b"nonsense", b'{"type": 1, "issuer": 2}'):
        assert verify_within(content, desk.publish(), NOW) == verify(content, desk.publish(), NOW)


def test_a_bomb_is_stopped_by_time_and_by_memory(desk: Desk) -> None:
    bomb = {**make_bomb(9), "proof": desk.sign({**make_bomb(1)})["proof"]}
    content = json.dumps(bomb).encode()
    for limits in ({"seconds": 1}, {"megabytes": 60}):
        report = verify_within(content, desk.publish(), NOW, **limits)
        assert (report.signature.answer, report.signature.code) == (Answer.NO, "too-costly")


def test_ten_megabytes_are_not_even_looked_at() -> None:
    assert verify_within(b"{" * 10_000_000, {}, NOW).signature.code == "too-large"
