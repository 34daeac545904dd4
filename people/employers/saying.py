"""Reads what a credential says, ours or anybody's: whatever is missing, or of another shape, is left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

LONGEST: Final = 4000
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class SaidLevel:
    """What was reached of one thing, in the words of whoever signed."""

    title: str
    level: str


@dataclass(frozen=True, slots=True)
class SaidEvidence:
    anchor: str
    name: str
    narrative: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in a credential, as text; whether it is true, verifying it says."""

    name: str
    issuer: str
    issuer_name: str
    subject: str
    names: tuple[str, ...]
    description: str
    criteria: str
    valid_from: str
    valid_until: str
    achieved: tuple[SaidLevel, ...]
    told: tuple[SaidEvidence, ...]


def read_said(document: Mapping[str, Any]) -> Said:
    subject = _first(document.get("credentialSubject"))
    achievement, issuer = _first(subject.get("achievement")), document.get("issuer")
    profile = _first(issuer)
    return Said(
        name=_text(achievement.get("name")) or _text(document.get("name")),
        issuer=_text(profile.get("id")) or _text(issuer),
        issuer_name=_text(profile.get("name")),
        subject=_text(subject.get("id")),
        names=tuple(_list_names(subject)),
        description=_text(achievement.get("description")),
        criteria=_text(_first(achievement.get("criteria")).get("narrative")),
        valid_from=_text(document.get("validFrom") or document.get("issuanceDate")),
        valid_until=_text(document.get("validUntil") or document.get("expirationDate")),
        achieved=tuple(_list_achieved(subject, achievement)),
        told=tuple(_list_evidence(document)),
    )


def _list_names(subject: Mapping[str, Any]) -> Iterator[str]:
    for one in _many(subject.get("identifier")):
        if one.get("identityType") == "name" and one.get("hashed") is False:
            yield _text(one.get("identityHash"))


def _list_achieved(subject: Mapping[str, Any], achievement: Mapping[str, Any]) -> Iterator[SaidLevel]:
    kinds = {_text(one.get("id")): one for one in _many(achievement.get("resultDescription"))}
    for one in _many(subject.get("result")):
        kind = kinds.get(_text(one.get("resultDescription")), {})
        levels = {_text(step.get("id")): step for step in _many(kind.get("rubricCriterionLevel"))}
        reached = levels.get(_text(one.get("achievedLevel")), {})
        level = _text(reached.get("name")) or _text(one.get("value")) or _text(one.get("achievedLevel"))
        meaning = _text(reached.get("description"))
        yield SaidLevel(_text(kind.get("name")), f"{level}. {meaning}" if meaning else level)


def _list_evidence(document: Mapping[str, Any]) -> Iterator[SaidEvidence]:
    for one in _many(document.get("evidence")):
        url = _text(one.get("id"))
        link = url if url.startswith("https://") else ""
        yield SaidEvidence(url.partition("#")[2], _text(one.get("name")), _text(one.get("narrative")), link)


def _first(told: Any) -> Mapping[str, Any]:
    return next(iter(_many(told)), {})


def _many(told: Any) -> list[Mapping[str, Any]]:
    """What may be one object or a list of them."""
    listed = told if isinstance(told, list) else [told]
    return [one for one in listed[:MOST] if isinstance(one, dict)]


def _text(told: Any) -> str:
    return str(told)[:LONGEST] if isinstance(told, str | int | float) and not isinstance(told, bool) else ""
