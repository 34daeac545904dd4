"""What is gathered over many runs, as plain values for pages: a learner's skills, a cohort's sheets."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from curriculum.skills import read_levels, read_skills
from people.accounts.models import User
from people.cohorts.models import Cohort
from people.cohorts.queries import Row, Sheet, read_sheets
from people.employers.levels import Evidence, SkillLevel, derive_levels
from people.employers.queries import read_evidence


@dataclass(frozen=True, slots=True)
class Proof:
    """One check that showed a skill, and where to see it."""

    check: str
    project: str
    milestone: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SkillLine:
    name: str
    meaning: str
    level: int
    level_means: str
    suspended: bool
    evidence: list[Proof]


@dataclass(frozen=True, slots=True)
class SkillsPage:
    learner: str
    skills: list[SkillLine]


@dataclass(frozen=True, slots=True)
class Cell:
    kind: str
    state: str
    url: str | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One learner; no cells while they are not enrolled."""

    learner: str
    cells: list[Cell]

    @property
    def passed_count(self) -> int:
        return sum(cell.state == "passed" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SheetPart:
    slug: str
    title: str
    milestones: list[tuple[str, str]]
    rows: list[SheetRow]


@dataclass(frozen=True, slots=True)
class CohortPage:
    title: str
    sheets: list[SheetPart]


def build_skills(user: User) -> SkillsPage:
    levels = derive_levels(read_skills(), read_evidence(user))
    return SkillsPage(str(user), [_build_skill(line) for line in levels])


def _build_skill(line: SkillLevel) -> SkillLine:
    known = read_skills().get(line.skill)
    return SkillLine(
        name=known.title if known else line.skill,
        meaning=known.meaning if known else "",
        level=line.level,
        level_means=read_levels().get(line.level, ""),
        suspended=line.suspended,
        evidence=[_build_proof(item) for item in line.evidence],
    )


def _build_proof(item: Evidence) -> Proof:
    return Proof(
        check=item.check.replace("_", " ").capitalize(),
        project=item.project,
        milestone=item.milestone,
        url=reverse("frontend:submission", args=[item.submission_id]),
        at=item.shown_at,
    )


def build_cohort(cohort: Cohort) -> CohortPage:
    return CohortPage(cohort.title, [_build_sheet(cohort.slug, sheet) for sheet in read_sheets(cohort)])


def _build_sheet(cohort: str, sheet: Sheet) -> SheetPart:
    milestones = list(zip(sheet.kinds, sheet.titles, strict=True))
    rows = [_build_row(cohort, row) for row in sheet.rows]
    return SheetPart(sheet.project.slug, sheet.project.title, milestones, rows)


def _build_row(cohort: str, row: Row) -> SheetRow:
    cells = [Cell(stand.kind, stand.state, _link(cohort, stand.submission_id)) for stand in row.standings]
    return SheetRow(str(row.learner), cells)


def _link(cohort: str, submission_id: int | None) -> str | None:
    return reverse("frontend:member_submission", args=[cohort, submission_id]) if submission_id else None
