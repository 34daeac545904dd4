"""A cohort's regrades as plain values for pages: which projects have learners behind, and what one regrade says."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

from curriculum.differences import EditionChanges
from curriculum.models import Project
from frontend.editions import compare_stored
from people.cohorts.models import Membership, Regrade
from people.cohorts.movers import (
    Mover,
    Progress,
    Prospect,
    Roll,
    find_undecided,
    list_regrades,
    read_progress,
    read_prospect,
    read_roll,
)
from people.cohorts.regrading import require_edition
from people.learners import queries

ROWS = 100


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project of the cohort: who is in its current edition, who is behind, and the regrade that is undecided."""

    roll: Roll
    regrade: Regrade | None

    @property
    def edition(self) -> Project:
        return self.roll.edition


@dataclass(frozen=True, slots=True)
class Body:
    """The part of the page that changes while a regrade is judged."""

    cohort: str
    slug: str
    edition: Project
    regrade: Regrade | None
    progress: Progress | None
    prospect: Prospect | None
    rows: Page[Mover] | None

    @property
    def mark(self) -> str:
        """Changes whenever there is something new to show."""
        return f"{self.progress.judged}.{self.progress.asked}" if self.progress else ""


@dataclass(frozen=True)
class RegradePage:
    """`before` is the edition that is compared: the one where most learners are, unless the reader chose another."""

    title: str
    roll: Roll
    body: Body
    history: Sequence[Regrade]
    before: Project | None

    @property
    def edition(self) -> Project:
        return self.roll.edition

    @cached_property
    def changes(self) -> EditionChanges | None:
        return compare_stored(self.before.tree, self.body.edition.tree) if self.before else None

    # What changed is shown by the part of a learner's page, which says what moving does to them only before they move.
    has_moved = True


def build_lines(leader: Membership) -> list[ProjectLine]:
    """The cohort's projects; the number of queries hangs on projects only."""
    projects = queries.current_projects(leader.cohort.project_slugs)
    return [ProjectLine(read_roll(leader, project), find_undecided(leader, project.slug)) for project in projects]


def build_body(leader: Membership, slug: str, page: str = "1") -> Body:
    edition, regrade = require_edition(leader, slug), find_undecided(leader, slug)
    if regrade is None:
        return Body(leader.cohort.slug, slug, edition, None, None, None, None)
    progress = read_progress(regrade)
    prospect = read_prospect(leader, regrade) if progress.is_judged else None
    rows = Paginator(prospect.movers, ROWS).get_page(page) if prospect else None
    return Body(leader.cohort.slug, slug, regrade.trial.edition, regrade, progress, prospect, rows)


def build_page(leader: Membership, slug: str, since: str = "", page: str = "1") -> RegradePage:
    """since: the number of the edition to compare with."""
    body = build_body(leader, slug, page)
    roll = read_roll(leader, body.edition)
    editions = [edition for edition, _count in roll.editions]
    chosen = [edition for edition in editions if str(edition.number) == since]
    history = list(list_regrades(leader).filter(trial__edition__slug=slug)[:20])
    return RegradePage(body.edition.title, roll, body, history, next(iter([*chosen, *editions]), None))
