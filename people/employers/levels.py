"""Derives skill levels from check results: a pure question of evidence, asked anew each time and never stored."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from people.learners.aid import NO_AID, Aid

HIGHEST_BY_MACHINE = 4
# Shown on what the reference had made before it: that the specification is met, and no more.
HIGHEST_ON_LOAN = 2
# What counts as shown in a second business.
TRANSFERS_FROM = 2


class Lack(StrEnum):
    """What keeps a skill whose level 4 holds from level 5."""

    SECOND_BUSINESS = "second-business"
    COUNTERSIGN = "countersign"


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody did of a team's work at a milestone: their commits, all commits, and how many people's they are."""

    commits: int
    of: int
    people: int


@dataclass(frozen=True, slots=True)
class Source:
    """What a pass hangs on: its run, the commit, the draw of its world, the digests by name, and the try that it was.

    Whoever has the package and the learner's files can judge the same again from these.
    """

    run_id: int = 0
    commit: str = ""
    draw: int = 0
    tries: int = 1
    digests: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One check that held in a passed run: what it shows, where to see it, which edition asked, and what helped.

    `lent` names the milestones before it that the reference stood in for; `part` is of a team's work. `word` is what
    somebody who leads said instead of the machine, of the check or of the whole: then no machine has shown it, and it
    counts for nothing.
    """

    skill: str
    level: int
    check: str
    project: str
    milestone: str
    submission_id: int
    shown_at: datetime
    regressed: bool = False
    edition: int = 1
    aid: Aid = NO_AID
    lent: tuple[str, ...] = ()
    part: Part | None = None
    word: str = ""
    by: str = ""
    slug: str = ""
    domain: str = ""
    source: Source = Source()
    question: str = ""
    measured: float | None = None
    mark: float | None = None

    @property
    def shows(self) -> int:
        """The level that it counts for."""
        if self.word or (self.part and not self.part.commits):
            return 0
        on_loan = HIGHEST_ON_LOAN if self.lent else HIGHEST_BY_MACHINE
        return min(self.level, HIGHEST_BY_MACHINE, on_loan, self.aid.highest)

    @property
    def business(self) -> tuple[str, str]:
        """Whose data it was shown on: a project in one of its domains."""
        return self.slug or self.project, self.domain

    @property
    def weight(self) -> tuple[bool, int, bool, bool]:
        """Of two passes of the same check the lighter is the evidence."""
        return self.regressed, -self.shows, *self.aid.weight


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """The level of one skill, with all that shows it; level 0 means that nothing does yet.

    `was` is the level that regressed evidence would make it, if that is more. `lacks` says what keeps level 4 from 5.
    """

    skill: str
    level: int
    evidence: tuple[Evidence, ...]
    suspended: bool = False
    was: int = 0
    lacks: tuple[Lack, ...] = ()


def derive_levels(
    skills: Iterable[str], evidence: Iterable[Evidence], countersigned: Collection[str] = ()
) -> list[SkillLevel]:
    """Each skill's level: the highest that is shown together with every lower one. There is no averaging.

    Evidence from a milestone that has regressed is kept, but suspended. A check whose last hint was read first, or that
    was built on what the reference made, shows level 2 at most: the same skill, shown elsewhere without, shows more.
    Level 5 is never a machine's to give: besides level 4 it takes a second business, and a person who has countersigned
    what the learner wrote of this skill (`countersigned` names the skills).
    """
    by_skill: dict[str, list[Evidence]] = {skill: [] for skill in skills}
    for item in evidence:
        by_skill.setdefault(item.skill, []).append(item)
    return [_derive(skill, items, skill in countersigned) for skill, items in by_skill.items()]


def _derive(skill: str, items: list[Evidence], is_countersigned: bool) -> SkillLevel:
    standing = [item for item in items if not item.regressed]
    level, lacks = _rise(standing, is_countersigned)
    was, _lacks = _rise(items, is_countersigned)
    ordered = tuple(sorted(items, key=lambda item: (item.level, item.shown_at)))
    return SkillLevel(skill, level, ordered, suspended=level < was, was=max(level, was), lacks=lacks)


def _rise(items: list[Evidence], is_countersigned: bool) -> tuple[int, tuple[Lack, ...]]:
    """The level that these show, and, where that is 4, what keeps it from 5."""
    level = _climb({item.shows for item in items})
    if level < HIGHEST_BY_MACHINE:
        return level, ()
    businesses = {item.business for item in items if item.shows >= TRANSFERS_FROM}
    kept = ((len(businesses) < 2, Lack.SECOND_BUSINESS), (not is_countersigned, Lack.COUNTERSIGN))
    lacks = tuple(lack for holds, lack in kept if holds)
    return (level, lacks) if lacks else (level + 1, ())


def _climb(shown: set[int]) -> int:
    """The top of the unbroken stairs from 1; what meets the specification (2) runs (1) as well."""
    steps = shown | ({1} if 2 in shown else set())
    level = 0
    while level + 1 in steps and level < HIGHEST_BY_MACHINE:
        level += 1
    return level
