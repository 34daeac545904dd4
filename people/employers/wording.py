"""What a credential says, in words that are signed: plain English, whatever language anybody reads in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from curriculum.models import Milestone
from curriculum.skills import Alignment, read_levels, read_skills
from people.employers.grounds import Ground, Pass
from people.employers.issuer import address_of
from people.employers.levels import Evidence, derive_levels
from people.employers.models import Kind

UNPROCTORED: Final = "Nobody watched the work being done."
# The digests that name what judged, as a reader may compare them.
NAMED: Final = {"package": "Package", "environment": "Environment", "world": "World"}


@dataclass(frozen=True, slots=True)
class Told:
    """One pass as evidence: a name, a page's anchor and the sentences that say how it came about."""

    anchor: str
    name: str
    narrative: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Achieved:
    """The level that this credential says of a skill."""

    skill: str
    title: str
    level: int
    alignments: tuple[Alignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """All that a credential says but whose it is and who signs it."""

    achievement: str
    type: str
    name: str
    description: str
    criteria: str
    version: str
    achieved: tuple[Achieved, ...]
    told: tuple[Told, ...]
    ended: datetime


def word(ground: Ground) -> Wording:
    told = _tell_passes(ground.passes) if ground.passes else _tell_evidence(ground.evidence)
    name, description = _describe(ground)
    return Wording(
        achievement=address_of("frontend:achievement", *place_achievement(ground)),
        type="Competency" if ground.kind == Kind.SKILL else "Assessment",
        name=name,
        description=description,
        criteria=_state_criteria(ground),
        version=str(ground.edition or ""),
        achieved=tuple(_achieve(ground)),
        told=told,
        ended=max(one.at for one in told),
    )


def place_achievement(ground: Ground) -> tuple[str, str]:
    """Where what was achieved is described: the same for everybody, and for good, per edition."""
    number = ground.level if ground.kind == Kind.SKILL else ground.edition
    return str(ground.kind), f"{ground.of}/{number}"


def _describe(ground: Ground) -> tuple[str, str]:
    if ground.kind == Kind.SKILL:
        skill = read_skills()[ground.of]
        return f"{skill.title}, level {ground.level} of 5", f"{skill.meaning} {read_levels()[ground.level]}"
    edition = ground.passes[0].edition
    if ground.kind == Kind.PROJECT:
        return edition.title, edition.summary
    milestone = ground.passes[0].milestone
    return f"{milestone.title} ({edition.title})", milestone.summary


def _state_criteria(ground: Ground) -> str:
    if ground.kind == Kind.SKILL:
        return state_level(ground.of, ground.level)
    return "\n\n".join(state_milestone(one.milestone) for one in ground.passes)


def state_level(slug: str, level: int) -> str:
    """What a level of a skill takes: itself and all below it."""
    steps = [f"{step}: {meaning}" for step, meaning in read_levels().items() if step <= level]
    told = [
        "Checks of passed milestones have shown this level and every lower one; there is no averaging.",
        *steps,
        "What was shown after reading the last hint or the reference counts for level 2 at most.",
    ]
    return "\n".join(told)


def state_milestone(milestone: Milestone) -> str:
    """The questions that a milestone asks, as its package has them."""
    required = [f"- {asked['question']}" for asked in milestone.questions if asked.get("required", True)]
    return "\n".join([f"{milestone.title}: every one of these holds on data that nobody had seen before.", *required])


def _achieve(ground: Ground) -> Iterable[Achieved]:
    if ground.kind == Kind.SKILL:
        yield _name(ground.of, ground.level)
        return
    for line in derive_levels((), ground.evidence):
        if line.was:
            yield _name(line.skill, line.was)


def _name(slug: str, level: int) -> Achieved:
    """With the framework's own alignments alone: what an operator adds may not be meant to be signed."""
    known = read_skills().get(slug)
    return Achieved(slug, known.title, level, known.alignments) if known else Achieved(slug, slug, level)


def _tell_passes(passes: Sequence[Pass]) -> tuple[Told, ...]:
    return tuple(_tell_pass(one) for one in passes)


def _tell_pass(one: Pass) -> Told:
    at = one.run.finished_at or one.run.queued_at
    name = f"{one.milestone.title}: {one.edition.title}, edition {one.edition.number}"
    facts = [
        f"Passed on {_date(at)}.",
        _tell_commit(one.run.submission.commit),
        *_tell_digests(one.run.digests.items()),
        *_tell_aid(one.evidence),
    ]
    return Told(f"pass-{one.run.pk}", name, _join([*facts, UNPROCTORED]), at)


def _tell_evidence(evidence: Iterable[Evidence]) -> tuple[Told, ...]:
    ordered = sorted(evidence, key=lambda item: item.source.run_id)
    return tuple(
        _tell_run(run_id, list(items)) for run_id, items in groupby(ordered, key=lambda item: item.source.run_id)
    )


def _tell_run(run_id: int, items: list[Evidence]) -> Told:
    one = items[0]
    checks = ", ".join(f"{item.check.replace('_', ' ')} (level {item.shows})" for item in items)
    facts = [
        f"Passed on {_date(one.shown_at)}.",
        f"Checks that hold: {checks}.",
        _tell_commit(one.source.commit),
        *_tell_digests(one.source.digests),
        *_tell_aid(items),
    ]
    name = f"{one.milestone.capitalize()}: {one.project}, edition {one.edition}"
    return Told(f"pass-{run_id}", name, _join([*facts, UNPROCTORED]), one.shown_at)


def _tell_commit(commit: str) -> str:
    return f"Commit {commit}." if commit else ""


def _tell_digests(digests: Iterable[tuple[str, str]]) -> list[str]:
    known = dict(digests)
    return [f"{called} {known[name]}." for name, called in NAMED.items() if known.get(name)]


def _tell_aid(items: Sequence[Evidence]) -> list[str]:
    """The tries it took, what helped, and whose work it is."""
    if not items:
        return []
    opened = {item.check: item.aid.hints for item in items}
    one, hints = items[0], sum(opened.values())
    told = [
        f"Try {one.source.tries}.",
        f"Hints opened: {hints}." if hints else "No hint was opened.",
        "The reference had been read before." if any(item.aid.reference for item in items) else "",
        f"Built on the reference's {', '.join(one.lent)}." if one.lent else "",
    ]
    if one.part:
        told.append(f"Work of a team of {one.part.people}: {one.part.commits} of {one.part.of} commits are theirs.")
    return told


def _date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _join(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)
