"""Sets what somebody has shown beside what a role needs, skill by skill. There is no total, and nobody is ranked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from people.employers.closing import Closer, Closers, find_closers
from people.employers.levels import HIGHEST_BY_MACHINE, Evidence, SkillLevel
from people.employers.role_files import Profile
from people.employers.tallies import Standing, Tallies


class Fit(StrEnum):
    MET = "met"
    GAP = "gap"
    NOT_SHARED = "not-shared"


@dataclass(frozen=True, slots=True)
class Line:
    """One skill: what the role needs of it, what was shown, and what would close the gap.

    `shown` is None where nothing of the skill was shared, which says nothing about whoever did not share it.
    `needs_person` says that the level is one that no machine gives: a second business, and words that somebody signs.
    """

    skill: str
    needed: int
    is_required: bool
    fit: Fit
    shown: int | None = None
    suspended: bool = False
    evidence: tuple[Evidence, ...] = ()
    closers: tuple[Closer, ...] = ()
    needs_person: bool = False
    standing: Standing | None = None


def match(profile: Profile, levels: Iterable[SkillLevel], closers: Closers, tallies: Tallies) -> list[Line]:
    """A line for each skill that the role requires, then for each that it wants."""
    shown = {one.skill: one for one in levels}
    needs = [(profile.required, True), (profile.wanted, False)]
    return [
        _compare(skill, level, is_required, shown, closers, tallies)
        for levels_of, is_required in needs
        for skill, level in levels_of.items()
    ]


def _compare(
    skill: str, needed: int, is_required: bool, shown: Mapping[str, SkillLevel], closers: Closers, tallies: Tallies
) -> Line:
    found = shown.get(skill)
    if found is None:
        return Line(skill, needed, is_required, Fit.NOT_SHARED)
    is_met = found.level >= needed
    return Line(
        skill,
        needed,
        is_required,
        Fit.MET if is_met else Fit.GAP,
        shown=found.level,
        suspended=found.suspended,
        evidence=found.evidence,
        closers=() if is_met else find_closers(closers, skill, found.level, needed),
        needs_person=not is_met and needed > HIGHEST_BY_MACHINE,
        standing=tallies.stand(skill, found.level),
    )
