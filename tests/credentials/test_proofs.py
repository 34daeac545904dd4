"""A proof covers every term: what is changed or added afterwards is found; what no context defines is not signed."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.contexts import UnknownContext
from credentials.proofs import UnsignedTerm
from credentials.verifying import Answer, verify
from tests.credentials.conftest import DID, NOW, Desk

Document = dict[str, Any]


def judge(document: Document, desk: Desk) -> tuple[Answer, str]:
    signature = verify(json.dumps(document).encode(), desk.publish(), NOW).signature
    return signature.answer, signature.code


def test_what_was_signed_is_found_unchanged_whatever_its_spacing_and_order(desk: Desk, document: Document) -> None:
    signed = desk.sign(document)
    assert judge(signed, desk) == (Answer.YES, "signed")
    assert judge(dict(reversed(signed.items())), desk) == (Answer.YES, "signed")


CHANGES: dict[str, tuple[Callable[[Document], object], str]] = {
    "a level": (lambda d: d["credentialSubject"]["result"][0].update(achievedLevel="https://x.example/4"), "changed"),
    "the name": (lambda d: d.update(name="Clean, level 4"), "changed"),
    "a day": (lambda d: d.update(validFrom="2026-11-27T09:00:00Z"), "changed"),
    "the issuer": (lambda d: d["issuer"].update(id="did:web:other.example"), "changed"),
    "another index": (lambda d: d["credentialStatus"].update(statusListIndex="1"), "changed"),
    "no status": (lambda d: d.pop("credentialStatus"), "changed"),
    "the moment of the proof": (lambda d: d["proof"].update(created="2026-11-29T09:00:00Z"), "changed"),
    "another signature": (lambda d: d["proof"].update(proofValue="z" + "1" * 64), "changed"),
    "no base58": (lambda d: d["proof"].update(proofValue="z0OIl"), "changed"),
    "no signature": (lambda d: d["proof"].pop("proofValue"), "changed"),
    "a term that nobody knows": (lambda d: d.update(secretScore=99), "unsigned-term"),
    "one deep inside": (lambda d: d["credentialSubject"]["achievement"].update(score=99), "unsigned-term"),
    "a type that nobody knows": (lambda d: d["type"].append("Excellent"), "unsigned-term"),
    "a keyword": (lambda d: d.update({"@included": [{"id": "urn:x:1", "name": "more"}]}), "unsigned-term"),
    "a context of one's own": (lambda d: d["@context"].append({"secretScore": "urn:x:score"}), "unknown-context"),
    "a strange context": (lambda d: d["@context"].append("https://evil.example/context"), "unknown-context"),
    "another purpose": (lambda d: d["proof"].update(proofPurpose="authentication"), "other-purpose"),
    "another suite": (lambda d: d["proof"].update(cryptosuite="eddsa-jcs-2022"), "other-suite"),
    "two proofs": (lambda d: d.update(proof=[d["proof"], d["proof"]]), "several-proofs"),
    "no proof": (lambda d: d.pop("proof"), "unsigned"),
    "a key of nobody": (lambda d: d["proof"].update(verificationMethod=f"{DID}#three"), "unknown-key"),
    "another way to a key": (lambda d: d["proof"].update(verificationMethod="did:ion:x#1"), "unknown-method"),
    "a bare number": (lambda d: d["proof"].update(verificationMethod=7), "unknown-method"),
    "a key that is none": (lambda d: d["proof"].update(verificationMethod="did:key:zOIl#1"), "unreadable"),
    "no key there": (lambda d: d["proof"].update(verificationMethod="did:web:gone.example#1"), "not-fetched"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_afterwards_is_never_called_signed(name: str, desk: Desk, document: Document) -> None:
    signed = copy.deepcopy(desk.sign(document))
    change, code = CHANGES[name]
    change(signed)
    answer, found = judge(signed, desk)
    assert (found, answer is Answer.YES) == (code, False)


def test_what_would_stay_unsigned_is_not_signed_at_all(desk: Desk, document: Document) -> None:
    with pytest.raises(UnsignedTerm, match="secretScore"):
        desk.sign({**document, "secretScore": 40})
    with pytest.raises(UnknownContext, match="evil"):
        desk.sign({**document, "@context": [*document["@context"], "https://evil.example/context"]})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(min_value=0), letter=st.sampled_from('0aZ9}"\\:, é'))
def test_no_letter_changes_unnoticed(place: int, letter: str, desk: Desk, document: Document) -> None:
    text = json.dumps(desk.sign(document))
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    signature = verify(changed.encode(), desk.publish(), NOW).signature
    try:
        same = json.loads(changed) == json.loads(text)
    except ValueError:
        same = False
    assert (signature.answer is Answer.YES) == same
