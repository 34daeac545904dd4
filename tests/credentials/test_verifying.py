"""Four questions, answered apart from each other, of whatever bytes come."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from credentials.baking import bake_svg
from credentials.documents import Issuer, build_credential
from credentials.keys import did_key
from credentials.proofs import sign
from credentials.reading import MOST_BYTES
from credentials.sentences import FINDINGS, tell
from credentials.tokens import read_token
from credentials.verifying import Answer, Report, gather, list_needed, verify
from tests.credentials.conftest import DID, INDEX, KEYS, LIST, NOW, THEN, Desk, make_grant

Document = dict[str, Any]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


def pack(document: Document) -> bytes:
    return json.dumps(document).encode()


def codes(report: Report) -> tuple[str, str, str, str]:
    return report.signature.code, report.issuer.code, report.validity.code, report.revocation.code


def test_a_good_one_is_good_in_every_form(desk: Desk, document: Document) -> None:
    signed, token = pack(desk.sign(document)), desk.sign_token(document)
    for content in (signed, token.encode(), bake_svg(SVG, signed.decode()), bake_svg(SVG, token)):
        report = verify(content, desk.publish(), NOW)
        assert codes(report) == ("signed", "domain", "valid", "in-force")
        assert report.holds
        assert report.document["name"] == "Clean, level 3"


def test_what_is_taken_back_is_so_and_everything_else_stays_right(desk: Desk, document: Document) -> None:
    report = verify(pack(desk.sign(document)), desk.publish(INDEX), NOW)
    assert codes(report) == ("signed", "domain", "valid", "revoked")
    assert not report.holds
    assert verify(pack(desk.sign(document)), desk.publish(INDEX + 1), NOW).holds


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        ("2026-11-28T09:00:00Z", None, "valid"),
        ("2026-11-28T09:00:00+02:00", "2027-01-01T00:00:00Z", "valid-until"),
        ("2026-11-28T09:00:00Z", "2026-11-30T00:00:00Z", "expired"),
        ("2026-12-02T09:00:00Z", None, "not-yet"),
        (None, None, "no-dates"),
        ("yesterday", None, "no-moment"),
        (7, None, "no-moment"),
    ],
)
def test_dates_are_answered_on_their_own(begins: Any, ends: Any, code: str, desk: Desk, document: Document) -> None:
    told = {"validFrom": begins, "validUntil": ends}
    dated = {**document, **told}
    report = verify(pack({name: part for name, part in dated.items() if part is not None}), desk.publish(), NOW)
    assert report.validity.code == code


def test_whose_key_signed_is_not_whose_name_stands_there(desk: Desk, document: Document) -> None:
    """A stranger signs with a key of their own what they say is milepost.example's."""
    mine = did_key(desk.key)
    forged = sign(document, desk.key, f"{mine}#{mine.removeprefix('did:key:')}", THEN)
    report = verify(pack(forged), desk.publish(), NOW)
    assert codes(report)[:2] == ("signed", "other-issuer")
    assert not report.holds


def test_a_bare_key_is_vouched_for_by_nobody_but_who_knows_it(desk: Desk) -> None:
    mine = did_key(desk.key)
    document = build_credential(make_grant(Issuer(mine, "Milepost")))
    signed = pack(sign(document, desk.key, f"{mine}#{mine.removeprefix('did:key:')}", THEN))
    assert verify(signed, {}, NOW).issuer.code == "bare-key"
    assert verify(signed, {}, NOW, own=[mine]).issuer.code == "ours"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda desk: {LIST: None}, "list-not-fetched"),
        (lambda desk: {LIST: b"<html>"}, "no-list"),
        (lambda desk: {LIST: pack({**desk.list(), "name": "changed"})}, "doubtful-list"),
        (lambda desk: {LIST: pack(Desk().list())}, "doubtful-list"),
        (lambda desk: {LIST: pack(desk.sign({**desk.list(), "id": f"{LIST}0"}))}, "no-list"),
        (lambda desk: {LIST: pack(desk.sign({**desk.list(), "validUntil": "2026-11-29T00:00:00Z"}))}, "doubtful-list"),
        (lambda desk: {LIST: pack(desk.sign(spoil_list(desk, statusPurpose="suspension")))}, "no-list"),
        (lambda desk: {LIST: pack(desk.sign(spoil_list(desk, encodedList="uAAAA")))}, "no-list"),
    ],
)
def test_a_list_that_is_not_the_issuers_clears_nobody(spoil: Any, code: str, desk: Desk, document: Document) -> None:
    report = verify(pack(desk.sign(document)), {**desk.publish(), **spoil(desk)}, NOW)
    assert (report.revocation.answer, report.revocation.code) == (Answer.UNKNOWN, code)


def spoil_list(desk: Desk, **parts: str) -> Document:
    listed = desk.list()
    return {**listed, "credentialSubject": {**listed["credentialSubject"], **parts}}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{" + b" " * MOST_BYTES + b"}", "too-large"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "no-text"),
        (b"\xff\xfe\x00", "no-text"),
        (b'{"type": ["VerifiableCredential"', "no-json"),
        (b'{"type": 1, "type": 2, "issuer": 1}', "no-json"),
        (b'{"type": NaN, "issuer": 1}', "no-json"),
        (b"[" * 100_000, "no-json"),
        (b"[1]", "no-json"),
        (b"a.b.c", "no-json"),
        (b'{"hello": "world"}', "no-credential"),
        (SVG, "nothing-baked"),
        (
            b'<!DOCTYPE s [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>',
            "nothing-baked",
        ),
        (b'{"type": [], "issuer": "did:key:z"}', "unsigned"),
        (b'{"type": [], "issuer": [], "proof": "x", "credentialStatus": 7, "@context": {}}', "unsigned"),
    ],
)
def test_no_bytes_make_it_stumble(content: bytes, code: str) -> None:
    report = verify(content, {}, NOW)
    assert (report.signature.answer, report.signature.code) == (Answer.NO, code)
    assert tell(report.signature)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA"])
def test_a_token_is_taken_with_two_algorithms_only(algorithm: str, desk: Desk, document: Document) -> None:
    _, payload, signature = desk.sign_token(document).split(".")
    told = json.dumps({"alg": algorithm, "kid": f"{DID}#two"}).encode()
    forged = b".".join((encode(told), payload.encode(), b"" if algorithm == "none" else signature.encode()))
    assert verify(forged, desk.publish(), NOW).signature.code == "other-algorithm"


def test_a_token_of_another_key_or_about_another_issuer_is_refused(desk: Desk, document: Document) -> None:
    assert verify(Desk().sign_token(document).encode(), desk.publish(), NOW).signature.code == "changed"
    lying = JWS(json.dumps({**document, "iss": "did:web:other.example"}))
    lying.add_signature(desk.token_key.jwk, None, json.dumps({"alg": "ES256", "kid": f"{DID}#two"}))
    assert verify(lying.serialize(compact=True).encode(), desk.publish(), NOW).signature.code == "contradicts-itself"


def test_a_token_by_rsa_is_taken_if_the_key_is_long_enough(desk: Desk, document: Document) -> None:
    for bits, code in ((2048, "signed"), (1024, "unreadable")):
        key = JWK.generate(kty="RSA", size=bits)
        token = JWS(json.dumps(document))
        token.add_signature(key, None, json.dumps({"alg": "RS256", "kid": f"{DID}#rsa"}))
        method = {"id": f"{DID}#rsa", "controller": DID, "publicKeyJwk": json.loads(key.export_public())}
        published = json.dumps({"id": DID, "assertionMethod": [method]}).encode()
        report = verify(token.serialize(compact=True).encode(), {KEYS: published}, NOW)
        assert report.signature.code == code


def test_all_that_has_to_be_fetched_is_named_and_nothing_else(desk: Desk, document: Document) -> None:
    asked: list[str] = []
    published = desk.publish()

    def fetch(url: str) -> bytes | None:
        asked.append(url)
        return published.get(url)

    content = pack(desk.sign(document))
    assert gather(content, fetch) == published
    assert asked == [KEYS, LIST]
    plain = {
        **document,
        "credentialStatus": {**document["credentialStatus"], "statusListCredential": "http://x.example"},
    }
    assert list_needed(pack(plain), {}) == []
    assert list_needed(b"nonsense", {}) == []


def test_every_finding_has_its_sentence(desk: Desk, document: Document) -> None:
    """And each is said by a code that somewhere stands in verifying, reading or resolving."""
    report = verify(pack(desk.sign(document)), desk.publish(), datetime(2026, 12, 1, tzinfo=UTC))
    assert tell(report.issuer).startswith("Whoever runs milepost.example says so")
    assert all(sentence.format(about="x") for sentence in FINDINGS.values())


def encode(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def test_a_token_repeats_whom_it_is_of_only_where_the_credential_says_so(desk: Desk, document: Document) -> None:
    subject = document["credentialSubject"]
    assert read_token(desk.sign_token(document)).payload["sub"] == subject["id"]
    nameless = {**document, "credentialSubject": {name: part for name, part in subject.items() if name != "id"}}
    assert "sub" not in read_token(desk.sign_token(nameless)).payload
    assert verify(desk.sign_token(nameless).encode(), desk.publish(), NOW).holds
