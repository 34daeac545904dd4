"""Puts what a credential says into the form that is signed: Open Badges 3.0."""

from dataclasses import dataclass
from typing import Any, Final

from credentials.documents import (
    Achievement,
    Alignment,
    Exhibit,
    Grant,
    Identity,
    Result,
    ResultKind,
    RubricLevel,
    StatusEntry,
    build_credential,
)
from curriculum.skills import read_levels
from people.employers.issuer import address_of, describe_issuer
from people.employers.models import Credential
from people.employers.wording import Achieved, Wording

RUBRIC: Final = "RubricCriterionLevel"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a credential speaks of: an identifier, and what else the learner wants to stand in it."""

    id: str
    name: str = ""
    identity: Identity | None = None


def draft(credential: Credential, wording: Wording, subject: Subject, issuer: str, list_url: str) -> dict[str, Any]:
    """The credential, not yet signed."""
    page = address_of("frontend:credential", credential.uuid)
    grant = Grant(
        id=credential.uuid.urn,
        name=wording.name,
        issuer=describe_issuer(issuer),
        achievement=_describe(wording),
        valid_from=credential.issued_at,
        status=StatusEntry(list_url, credential.status_index),
        subject=subject.id,
        subject_name=subject.name,
        identity=subject.identity,
        ended=wording.ended,
        results=[_reach(wording, one) for one in wording.achieved],
        evidence=[Exhibit(f"{page}#{one.anchor}", one.name, one.narrative) for one in wording.told],
    )
    return build_credential(grant)


def _describe(wording: Wording) -> Achievement:
    aligned = {aligned.url: aligned for one in wording.achieved for aligned in one.alignments}
    return Achievement(
        id=wording.achievement,
        name=wording.name,
        description=wording.description,
        criteria=wording.criteria,
        kind=wording.type,
        version=wording.version,
        alignments=[Alignment(one.name, one.url, one.framework) for one in aligned.values()],
        results=[_describe_result(wording, one) for one in wording.achieved],
    )


def _describe_result(wording: Wording, one: Achieved) -> ResultKind:
    levels = [
        RubricLevel(_name_level(wording, one, step), str(step), f"Level {step}", meaning)
        for step, meaning in read_levels().items()
    ]
    return ResultKind(_name_result(wording, one), one.title, RUBRIC, levels)


def _reach(wording: Wording, one: Achieved) -> Result:
    return Result(_name_result(wording, one), _name_level(wording, one, one.level))


def _name_result(wording: Wording, one: Achieved) -> str:
    return f"{wording.achievement}#{one.skill}"


def _name_level(wording: Wording, one: Achieved, level: int) -> str:
    return f"{wording.achievement}#{one.skill}-{level}"
