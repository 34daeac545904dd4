"""What we issue, shown to verifiers that we did not write, without a network: npm's @digitalbazaar/vc with
@digitalcredentials/vc-bitstring-status-list, and PyPI's openbadgeslib.
"""

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openbadgeslib.ob3.did import resolve_verification_method
from openbadgeslib.ob3.ldp import OB3LdpVerifier, verify_data_integrity_proof
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from credentials.baking import bake_png, bake_svg, unbake
from credentials.documents import Issuer, build_credential
from credentials.keys import did_key
from credentials.status import LEAST_ENTRIES, set_bit, status_credential
from credentials.verifying import Answer, verify
from tests.credentials.conftest import DID, INDEX, LIST, NOW, SITE, Desk, make_grant

pytestmark = [pytest.mark.slow]
ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
# Strangers look at the real clock.
SINCE = datetime(2026, 1, 15, tzinfo=UTC)
HOME = ROOT / ".environments/interop"
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63606060f80f0001040100a58b1bb30000000049454e44ae426082"
)
Document = dict[str, Any]


@dataclass(frozen=True)
class Word:
    """What a stranger says: whether it is as it was signed, and whether it is in force."""

    verified: bool
    in_force: bool | None
    error: str = ""


Stranger = Callable[[Document, dict[str, bytes]], Word]


def ask_npm(credential: Document, published: dict[str, bytes]) -> Word:
    documents = {url: json.loads(content) for url, content in published.items()}
    documents |= {told["id"]: told for told in documents.values()}
    asked = json.dumps({"credential": credential, "documents": documents})
    shutil.copy(HERE / "verify.mjs", HOME)
    done = subprocess.run(["node", "verify.mjs"], cwd=HOME, input=asked, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Word(told["verified"], told.get("status"), told["error"])


def ask_pypi(credential: Document, published: dict[str, bytes]) -> Word:
    download = published.__getitem__
    try:
        OB3LdpVerifier().verify(credential, download=download)
    except OB3VerificationError as fault:
        return Word(False, None, str(fault))
    # It reads signed lists as tokens only. Ours bear a proof, which it verifies as that of any document.
    status = credential["credentialStatus"]
    listed = json.loads(published[status["statusListCredential"]])
    key = resolve_verification_method(listed["proof"]["verificationMethod"], download)
    verify_data_integrity_proof(listed, key)
    try:
        OB3LdpVerifier().verify(credential, check_status=True, verify_status_list=False, download=download)
    except OB3VerificationError as fault:
        revoked = f"'revocation' is set at index {status['statusListIndex']}" in str(fault)
        return Word(True, False if revoked else None, str(fault))
    return Word(True, True)


@pytest.fixture(params=["npm", "pypi"])
def stranger(request: pytest.FixtureRequest) -> Stranger:
    if request.param == "pypi":
        return ask_pypi
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"no {' and no '.join(missing)} here, which the verifiers from npm need")
    subprocess.run([ROOT / "scripts/interop"], check=True, timeout=300)
    return ask_npm


@dataclass(frozen=True)
class Issued:
    """A credential of ours, and what is published about it."""

    desk: Desk
    did: str

    @property
    def method(self) -> str:
        return f"{DID}#one" if self.did == DID else f"{self.did}#{self.did.removeprefix('did:key:')}"

    @property
    def draft(self) -> Document:
        return build_credential(replace(make_grant(Issuer(self.did, "Milepost", SITE)), valid_from=SINCE, ended=SINCE))

    @property
    def credential(self) -> Document:
        return self.desk.sign(self.draft, self.method)

    def publish(self, *revoked: int) -> dict[str, bytes]:
        bits = bytes(LEAST_ENTRIES // 8)
        for index in revoked:
            bits = set_bit(bits, index)
        listed = self.desk.sign(status_credential(LIST, self.did, bits, SINCE), self.method)
        return {**self.desk.publish(), LIST: json.dumps(listed).encode()}


@pytest.fixture(params=["did:web", "did:key"])
def issued(request: pytest.FixtureRequest) -> Issued:
    desk = Desk()
    return Issued(desk, DID if request.param == "did:web" else did_key(desk.key))


def test_a_credential_of_ours_is_accepted_by_a_stranger(stranger: Stranger, issued: Issued) -> None:
    assert stranger(issued.credential, issued.publish()) == Word(True, True)
    assert verify(json.dumps(issued.credential).encode(), issued.publish(), NOW).holds


def test_a_copy_with_one_level_changed_is_refused_by_a_stranger_and_by_us(stranger: Stranger, issued: Issued) -> None:
    forged = copy.deepcopy(issued.credential)
    forged["credentialSubject"]["result"][0]["achievedLevel"] = f"{SITE}/achievements/clean#level-4"
    assert not stranger(forged, issued.publish()).verified
    assert verify(json.dumps(forged).encode(), issued.publish(), NOW).signature.answer is Answer.NO


def test_a_revoked_one_is_told_as_revoked_by_a_stranger_and_by_us(stranger: Stranger, issued: Issued) -> None:
    word = stranger(issued.credential, issued.publish(INDEX))
    assert (word.verified, word.in_force) == (True, False)
    assert stranger(issued.credential, issued.publish(INDEX + 1, INDEX - 1)).in_force
    assert verify(json.dumps(issued.credential).encode(), issued.publish(INDEX), NOW).revocation.code == "revoked"


def test_a_term_that_nobody_defined_is_refused_by_a_stranger_and_by_us(stranger: Stranger, issued: Issued) -> None:
    more = {**issued.credential, "secretScore": 99}
    assert not stranger(more, issued.publish()).verified
    assert verify(json.dumps(more).encode(), issued.publish(), NOW).signature.code == "unsigned-term"


def test_a_token_of_ours_is_accepted_by_a_stranger_and_a_changed_one_is_not() -> None:
    issued = Issued(Desk(), DID)
    published, token = issued.publish(), issued.desk.sign_token(issued.draft)
    told = OB3Verifier.for_issuer_did(DID, download=published.__getitem__)
    assert told.verify(token, download=published.__getitem__).issuer.id == DID
    header, payload, signature = token.split(".")
    forged = ".".join([header, payload[:-6] + ("A" if payload[-6] != "A" else "B") + payload[-5:], signature])
    with pytest.raises(OB3VerificationError):
        told.verify(forged, download=published.__getitem__)


def test_what_we_baked_a_stranger_finds_in_the_picture() -> None:
    issued = Issued(Desk(), DID)
    token = issued.desk.sign_token(issued.draft)
    vector = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'
    assert OB3Verifier.extract_token_from_png(bake_png(DOT, token)) == token == unbake(bake_png(DOT, token))
    assert OB3Verifier.extract_token_from_svg(bake_svg(vector, token)) == token == unbake(bake_svg(vector, token))
