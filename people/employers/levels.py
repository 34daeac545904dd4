"""Derives skill levels from check results: a pure question of evidence, asked anew each time and never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

HIGHEST_BY_MACHINE = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """One check that held in a passed run: what it shows, and where to see it."""

    skill: str
    level: int
    check: str
    project: str
    milestone: str
    submission_id: int
    shown_at: datetime
    regressed: bool = False


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """The level of one skill, with all that shows it; level 0 means that nothing does yet."""

    skill: str
    level: int
    evidence: tuple[Evidence, ...]
    suspended: bool = False


def derive_levels(skills: Iterable[str], evidence: Iterable[Evidence]) -> list[SkillLevel]:
    """Each skill's level: the highest that is shown with every lower one that any check asks for shown as well.

    Level 5 is never a machine's to give. Evidence from a milestone that has regressed is kept, but suspended.
    """
    by_skill: dict[str, list[Evidence]] = {skill: [] for skill in skills}
    for item in evidence:
        by_skill.setdefault(item.skill, []).append(item)
    return [_derive(skill, items) for skill, items in by_skill.items()]


def _derive(skill: str, items: list[Evidence]) -> SkillLevel:
    shown = {item.level for item in items if not item.regressed}
    ever = {item.level for item in items}
    ordered = tuple(sorted(items, key=lambda item: (item.level, item.shown_at)))
    return SkillLevel(skill, _climb(shown), ordered, suspended=_climb(shown) < _climb(ever))


def _climb(shown: set[int]) -> int:
    """The top of the unbroken stairs from 1: showing level 2 shows level 1, for what meets the specification runs."""
    level = 0
    for step in range(1, HIGHEST_BY_MACHINE + 1):
        if any(higher >= step for higher in shown) and (step <= 2 or step in shown):
            level = step
        else:
            break
    return level
