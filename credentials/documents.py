"""Builds Open Badges 3.0 credentials out of plain values. 1EdTech Open Badges 3.0, appendix B (data models)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from credentials.contexts import CREDENTIALS, OPEN_BADGES

TYPES = ("VerifiableCredential", "OpenBadgeCredential")
STATUS_ENTRY = "BitstringStatusListEntry"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: the DID that controls the key, and what people call it."""

    id: str
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A term of somebody else's framework that an achievement speaks of."""

    name: str
    url: str
    framework: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class RubricLevel:
    """One level that a result may reach; `id` is an address of it."""

    id: str
    level: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ResultKind:
    """What a result is told in: levels of a rubric where there are any, otherwise a value of this type."""

    id: str
    name: str
    kind: str
    levels: Sequence[RubricLevel] = ()
    required: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What was reached, of one kind: a level by its id, or a value."""

    of: str
    level: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence: its page, and what it says."""

    id: str
    name: str
    narrative: str
    genre: str = ""


@dataclass(frozen=True, slots=True)
class Achievement:
    """What one can have achieved, whoever did."""

    id: str
    name: str
    description: str
    criteria: str
    kind: str = "Assessment"
    version: str = ""
    alignments: Sequence[Alignment] = ()
    results: Sequence[ResultKind] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a credential is of, without saying so: the salted hash of a mail address that they can show they have."""

    hashed: str
    salt: str


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where it would be said that a credential is revoked."""

    list_url: str
    index: int


@dataclass(frozen=True, slots=True)
class Grant:
    """One achievement of one person: what a credential says."""

    id: str
    name: str
    issuer: Issuer
    achievement: Achievement
    valid_from: datetime
    status: StatusEntry
    subject: str = ""
    subject_name: str = ""
    identity: Identity | None = None
    valid_until: datetime | None = None
    ended: datetime | None = None
    results: Sequence[Result] = ()
    evidence: Sequence[Exhibit] = ()


def build_credential(grant: Grant) -> Document:
    """The credential, not yet signed. Nothing is in it that has no value: readers choke on empty lists and nulls."""
    return _filled(
        {
            "@context": [CREDENTIALS, OPEN_BADGES],
            "id": grant.id,
            "type": [*TYPES],
            "name": grant.name,
            "issuer": _filled(
                {"id": grant.issuer.id, "type": ["Profile"], "name": grant.issuer.name, "url": grant.issuer.url}
            ),
            "validFrom": stamp(grant.valid_from),
            "validUntil": grant.valid_until and stamp(grant.valid_until),
            "credentialSubject": _build_subject(grant),
            "evidence": [_build_exhibit(one) for one in grant.evidence],
            "credentialStatus": build_status(grant.status),
        }
    )


def stamp(moment: datetime) -> str:
    """A moment as credentials write it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def build_status(entry: StatusEntry) -> Document:
    """Where to look whether it is revoked (W3C Bitstring Status List v1.0, section 2.1)."""
    return {
        "id": f"{entry.list_url}#{entry.index}",
        "type": STATUS_ENTRY,
        "statusPurpose": "revocation",
        "statusListIndex": str(entry.index),
        "statusListCredential": entry.list_url,
    }


def _build_subject(grant: Grant) -> Document:
    return _filled(
        {
            "id": grant.subject,
            "type": ["AchievementSubject"],
            "identifier": _build_identities(grant),
            "activityEndDate": grant.ended and stamp(grant.ended),
            "achievement": _build_achievement(grant.achievement),
            "result": [_build_result(one) for one in grant.results],
        }
    )


def _build_identities(grant: Grant) -> list[Document]:
    told: list[Document] = []
    if grant.subject_name:
        told.append(
            {"type": "IdentityObject", "hashed": False, "identityType": "name", "identityHash": grant.subject_name}
        )
    if grant.identity:
        hashed = {"identityType": "emailAddress", "identityHash": grant.identity.hashed, "salt": grant.identity.salt}
        told.append({"type": "IdentityObject", "hashed": True, **hashed})
    return told


def _build_achievement(told: Achievement) -> Document:
    return _filled(
        {
            "id": told.id,
            "type": ["Achievement"],
            "achievementType": told.kind,
            "name": told.name,
            "description": told.description,
            "criteria": {"narrative": told.criteria},
            "version": told.version,
            "alignment": [_build_alignment(one) for one in told.alignments],
            "resultDescription": [_build_kind(one) for one in told.results],
        }
    )


def _build_alignment(told: Alignment) -> Document:
    return _filled(
        {
            "type": ["Alignment"],
            "targetName": told.name,
            "targetUrl": told.url,
            "targetFramework": told.framework,
            "targetCode": told.code,
        }
    )


def _build_kind(told: ResultKind) -> Document:
    return _filled(
        {
            "id": told.id,
            "type": ["ResultDescription"],
            "name": told.name,
            "resultType": told.kind,
            "requiredLevel": told.required,
            "rubricCriterionLevel": [
                {
                    "id": one.id,
                    "type": ["RubricCriterionLevel"],
                    "level": one.level,
                    "name": one.name,
                    "description": one.description,
                }
                for one in told.levels
            ],
        }
    )


def _build_result(told: Result) -> Document:
    return _filled({"type": ["Result"], "resultDescription": told.of, "achievedLevel": told.level, "value": told.value})


def _build_exhibit(told: Exhibit) -> Document:
    return _filled(
        {"id": told.id, "type": ["Evidence"], "name": told.name, "narrative": told.narrative, "genre": told.genre}
    )


def _filled(told: Document) -> Document:
    return {name: part for name, part in told.items() if part not in ("", None, [])}
