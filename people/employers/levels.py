"""Derives skill levels from check results: a pure question of evidence, asked anew each time and never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from people.learners.aid import NO_AID, Aid

HIGHEST_BY_MACHINE = 4


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody did of a team's work at a milestone: their commits, all commits, and how many people's they are."""

    commits: int
    of: int
    people: int


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

    @property
    def shows(self) -> int:
        """The level that it counts for."""
        return 0 if self.word else min(self.level, self.aid.highest)

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        """Of two that show the same, the lighter is the evidence."""
        return bool(self.word), *self.aid.weight


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """The level of one skill, with all that shows it; level 0 means that nothing does yet."""

    skill: str
    level: int
    evidence: tuple[Evidence, ...]
    suspended: bool = False


def derive_levels(skills: Iterable[str], evidence: Iterable[Evidence]) -> list[SkillLevel]:
    """Each skill's level: the highest that is shown together with every lower one. There is no averaging.

    Level 5 is never a machine's to give. Evidence from a milestone that has regressed is kept, but suspended. A check
    whose last hint was read first shows level 2 at most: the same skill, shown elsewhere without it, shows more.
    """
    by_skill: dict[str, list[Evidence]] = {skill: [] for skill in skills}
    for item in evidence:
        by_skill.setdefault(item.skill, []).append(item)
    return [_derive(skill, items) for skill, items in by_skill.items()]


def _derive(skill: str, items: list[Evidence]) -> SkillLevel:
    shown = {item.shows for item in items if not item.regressed}
    ever = {item.shows for item in items}
    ordered = tuple(sorted(items, key=lambda item: (item.level, item.shown_at)))
    return SkillLevel(skill, _climb(shown), ordered, suspended=_climb(shown) < _climb(ever))


def _climb(shown: set[int]) -> int:
    """The top of the unbroken stairs from 1; what meets the specification (2) runs (1) as well."""
    steps = shown | ({1} if 2 in shown else set())
    level = 0
    while level + 1 in steps and level < HIGHEST_BY_MACHINE:
        level += 1
    return level
