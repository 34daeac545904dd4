"""Answers four separate questions of a credential: signature, issuer, validity, revocation. No bytes make it raise."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from credentials.contexts import UnknownContext
from credentials.documents import STATUS_ENTRY
from credentials.proofs import KIND, PURPOSE, SUITE, Uncanonical, UnsignedTerm, is_proved
from credentials.reading import Credential, Unreadable, read_credential
from credentials.resolving import Fetched, Method, Unresolved, address_of, domain_of, resolve
from credentials.status import LIST, StatusFault, decode_list, is_set
from credentials.tokens import ALGORITHMS, is_token_of

# A credential, its issuer's keys, its list, and the keys of that.
MOST_FETCHES = 4
Fetch = Callable[[str], bytes | None]


class Answer(StrEnum):
    """What can be said of one question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question, and why: a code, whose sentence is in `sentences`, and what it is about."""

    answer: Answer
    code: str
    about: str = ""


NOT_ASKED = Finding(Answer.UNKNOWN, "not-asked")


@dataclass(frozen=True, slots=True)
class Report:
    """Four answers: is it signed as it stands, by whom it says, for now, and not taken back? And what it says."""

    signature: Finding
    issuer: Finding = NOT_ASKED
    validity: Finding = NOT_ASKED
    revocation: Finding = NOT_ASKED
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it, and its signature for it."""
        others = (self.issuer, self.validity, self.revocation)
        return self.signature.answer is Answer.YES and all(one.answer is not Answer.NO for one in others)

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)


def gather(content: bytes, fetch: Fetch, fetched: Mapping[str, bytes | None] | None = None) -> dict[str, bytes | None]:
    """All that has to be fetched to verify this: documents of did:web, and lists; `fetch` says None where it fails."""
    had = dict(fetched or {})
    for _ in range(MOST_FETCHES):
        needed = next((url for url in list_needed(content, had) if url not in had), None)
        if needed is None:
            break
        had[needed] = fetch(needed)
    return had


def list_needed(content: bytes, fetched: Fetched) -> list[str]:
    """The addresses that verifying this asks for, as far as can be said from what was fetched already."""
    try:
        credential = read_credential(content)
    except Unreadable:
        return []
    needed = [address_of(str(method)) for method in credential.methods]
    for entry in credential.status_entries:
        url = str(entry.get("statusListCredential", ""))
        needed.append(url if url.startswith("https://") else None)
        if (listed := fetched.get(url)) is not None:
            needed += [address_of(str(method)) for method in _methods_of(listed)]
    return [url for url in needed if url]


def _methods_of(content: bytes) -> list[object]:
    try:
        return read_credential(content).methods
    except Unreadable:
        return []


def verify(content: bytes, fetched: Fetched, now: datetime, own: Collection[str] = ()) -> Report:
    """The four answers. `fetched` is what `gather` got; `own` are the issuers that whoever asks is or knows."""
    try:
        credential = read_credential(content)
    except Unreadable as fault:
        return Report(Finding(Answer.NO, fault.code))
    signature, method = _judge_signature(credential, fetched)
    return Report(
        signature,
        _judge_issuer(credential, signature, method, own),
        _judge_dates(credential.document, now),
        _judge_status(credential, fetched, now),
        credential.document,
    )


def _judge_signature(credential: Credential, fetched: Fetched) -> tuple[Finding, Method | None]:
    try:
        method = resolve(next(iter(credential.methods), None), fetched)
    except Unresolved as fault:
        if not credential.methods:
            return Finding(Answer.NO, "unsigned"), None
        answer = Answer.UNKNOWN if fault.code in ("not-fetched", "unknown-method") else Answer.NO
        return Finding(answer, fault.code, fault.about), None
    finding = _judge_token(credential, method) if credential.token else _judge_proof(credential, method)
    return finding, method


def _judge_token(credential: Credential, method: Method) -> Finding:
    token = credential.token
    assert token is not None
    if token.header.get("alg") not in ALGORITHMS:
        return Finding(Answer.NO, "other-algorithm", str(token.header.get("alg"))[:40])
    if not is_token_of(token, method.key):
        return Finding(Answer.NO, "changed")
    if token.payload.get("iss", credential.issuer) != credential.issuer:
        return Finding(Answer.NO, "contradicts-itself", "iss")
    return Finding(Answer.YES, "signed")


def _judge_proof(credential: Credential, method: Method) -> Finding:
    if len(credential.proofs) > 1:
        return Finding(Answer.UNKNOWN, "several-proofs")
    [proof] = credential.proofs
    if (proof.get("type"), proof.get("cryptosuite")) != (KIND, SUITE):
        return Finding(Answer.UNKNOWN, "other-suite", str(proof.get("cryptosuite") or proof.get("type"))[:60])
    if proof.get("proofPurpose") != PURPOSE:
        return Finding(Answer.NO, "other-purpose")
    try:
        proved = is_proved(credential.document, proof, method.key)
    except UnsignedTerm as fault:
        return Finding(Answer.NO, "unsigned-term", fault.term[:80])
    except UnknownContext as fault:
        return Finding(Answer.UNKNOWN, "unknown-context", fault.url)
    except Uncanonical as fault:
        return Finding(Answer.NO, "uncanonical", str(fault)[:80])
    return Finding(Answer.YES, "signed") if proved else Finding(Answer.NO, "changed")


def _judge_issuer(credential: Credential, signature: Finding, method: Method | None, own: Collection[str]) -> Finding:
    if method is None:
        return Finding(Answer.UNKNOWN, "no-key")
    if method.controller != credential.issuer:
        return Finding(Answer.NO, "other-issuer", method.controller[:200])
    if signature.answer is not Answer.YES:
        return Finding(Answer.UNKNOWN, "not-vouched")
    if credential.issuer in own:
        return Finding(Answer.YES, "ours", domain_of(credential.issuer))
    if domain := domain_of(credential.issuer):
        return Finding(Answer.YES, "domain", domain)
    return Finding(Answer.UNKNOWN, "bare-key", credential.issuer[:200])


def _judge_dates(document: Mapping[str, Any], now: datetime) -> Finding:
    told = [document.get(name) for name in ("validFrom", "validUntil")]
    try:
        begins, ends = (_read_moment(one) for one in told)
    except (ValueError, TypeError):
        return Finding(Answer.NO, "no-moment")
    if begins is None:
        return Finding(Answer.UNKNOWN, "no-dates")
    if now < begins:
        return Finding(Answer.NO, "not-yet", str(told[0]))
    if ends is not None and now >= ends:
        return Finding(Answer.NO, "expired", str(told[1]))
    return Finding(Answer.YES, "valid-until", str(told[1])) if ends else Finding(Answer.YES, "valid", str(told[0]))


def _read_moment(told: object) -> datetime | None:
    if told is None:
        return None
    moment = datetime.fromisoformat(told)  # type: ignore[arg-type]
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _judge_status(credential: Credential, fetched: Fetched, now: datetime) -> Finding:
    if "credentialStatus" not in credential.document:
        return Finding(Answer.YES, "irrevocable")
    entries = credential.status_entries
    if not entries or any(entry.get("type") != STATUS_ENTRY for entry in entries):
        return Finding(Answer.UNKNOWN, "other-list")
    findings = [_judge_entry(credential, entry, fetched, now) for entry in entries]
    return next((one for one in findings if one.answer is not Answer.YES), findings[0])


def _judge_entry(credential: Credential, entry: Mapping[str, Any], fetched: Fetched, now: datetime) -> Finding:
    url = str(entry.get("statusListCredential", ""))[:500]
    content = fetched.get(url)
    if content is None:
        return Finding(Answer.UNKNOWN, "list-not-fetched", url)
    try:
        listed = read_credential(content)
    except Unreadable:
        return Finding(Answer.UNKNOWN, "no-list", url)
    # A list that somebody else has signed could clear what its issuer has taken back.
    signature, method = _judge_signature(listed, fetched)
    by_the_same = method is not None and method.controller == credential.issuer == listed.issuer
    in_time = _judge_dates(listed.document, now).answer is not Answer.NO
    if signature.answer is not Answer.YES or not by_the_same or not in_time:
        return Finding(Answer.UNKNOWN, "doubtful-list", url)
    return _look_up(listed, url, entry.get("statusListIndex"))


def _look_up(listed: Credential, url: str, index: object) -> Finding:
    told = listed.document.get("credentialSubject")
    kinds = listed.document.get("type")
    subject = told if isinstance(told, dict) and isinstance(kinds, list) and LIST in kinds else {}
    if subject.get("statusPurpose") != "revocation" or listed.document.get("id") != url:
        return Finding(Answer.UNKNOWN, "no-list", url)
    try:
        revoked = is_set(decode_list(subject.get("encodedList")), int(str(index)))
    except (StatusFault, ValueError):
        return Finding(Answer.UNKNOWN, "no-list", url)
    return Finding(Answer.NO, "revoked", url) if revoked else Finding(Answer.YES, "in-force", url)
