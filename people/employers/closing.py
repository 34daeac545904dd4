"""Which milestones of the published projects would close a gap: those whose checks show the levels that are missing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from curriculum.models import Milestone

Closers = Mapping[tuple[str, int], list["Asked"]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One check of one published milestone."""

    project: str
    project_title: str
    kind: str
    title: str
    check: str
    question: str


@dataclass(frozen=True, slots=True)
class Closer:
    """A milestone, and its checks that show what is missing: each with the level that it shows."""

    project: str
    project_title: str
    kind: str
    title: str
    checks: tuple[tuple[int, str, str], ...] = field(default=())


def read_closers() -> Closers:
    """(skill, level) -> the checks of the published projects that show it; one query."""
    found: dict[tuple[str, int], list[Asked]] = defaultdict(list)
    milestones = Milestone.objects.filter(project__is_current=True).select_related("project")
    for one in milestones.order_by("project__title", "position"):
        for told in one.questions:
            asked = Asked(
                one.project.slug, one.project.title, one.kind, one.title, told["name"], told.get("question", "")
            )
            for skill in told.get("skills", ()):
                found[skill, told["level"]].append(asked)
    return found


def find_closers(closers: Closers, skill: str, shown: int, needed: int) -> tuple[Closer, ...]:
    """The milestones that show the levels between these two. What meets the specification (2) runs (1) as well."""
    missing = range(shown + 1, needed + 1)
    wanted = [2] if list(missing) == [1] and not closers.get((skill, 1)) else [one for one in missing if one <= 4]
    by_milestone: dict[tuple[str, str], list[tuple[int, Asked]]] = defaultdict(list)
    for level in wanted:
        for asked in closers.get((skill, level), ()):
            by_milestone[asked.project, asked.kind].append((level, asked))
    return tuple(_gather(found) for found in by_milestone.values())


def _gather(found: list[tuple[int, Asked]]) -> Closer:
    first = found[0][1]
    checks = tuple((level, asked.check, asked.question) for level, asked in found)
    return Closer(first.project, first.project_title, first.kind, first.title, checks)
