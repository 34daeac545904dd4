"""The gradebook as plain values for its page: fifty learners at a time, and the ways to sort, choose and turn pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse

from people.cohorts.exporting import FORMATS
from people.cohorts.gradebook import (
    Book,
    Column,
    Line,
    list_graded,
    list_sections,
    open_book,
    read_lines,
)
from people.cohorts.grades import Grade
from people.cohorts.models import Membership
from people.cohorts.ordering import order_members

LINES: Final = 50


@dataclass(frozen=True, slots=True)
class GradeCell:
    """One milestone of one learner; without a grade nothing was judged."""

    column: Column
    grade: Grade | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class GradeRow:
    name: str
    username: str
    section: str
    total: float | None
    cells: list[GradeCell]


@dataclass(frozen=True, slots=True)
class WeightField:
    """A milestone's weight in the form: as it is, or as somebody would have it."""

    column: Column
    value: str


@dataclass(frozen=True, slots=True)
class GradebookPage:
    title: str
    projects: list[tuple[str, int]]
    columns: list[Column]
    rows: list[GradeRow]
    turn: Page[int]
    sections: list[str]
    section: str
    sort: str
    weights: list[WeightField]

    @property
    def has_weights(self) -> bool:
        """Whether any milestone weighs otherwise than the others."""
        return len({column.weight for column in self.columns}) > 1

    @property
    def formats(self) -> list[tuple[str, str]]:
        """The files to take along: each as its name and what its address ends in."""
        return [(extension, self.ask()) for extension in FORMATS]

    @property
    def before(self) -> str:
        return self.ask(page=self.turn.previous_page_number()) if self.turn.has_previous() else ""

    @property
    def after(self) -> str:
        return self.ask(page=self.turn.next_page_number()) if self.turn.has_next() else ""

    @property
    def orders(self) -> dict[str, tuple[str, str]]:
        """By column: how the page is sorted by it, as `aria-sort` says it, and the query that sorts by it."""
        return {by: self._order(by) for by in ("name", "section", "total")}

    def _order(self, by: str) -> tuple[str, str]:
        turned = self.sort == by
        standing = {by: "ascending", f"-{by}": "descending"}.get(self.sort, "")
        return standing, self.ask(sort=f"-{by}" if turned else by)

    def ask(self, **asked: object) -> str:
        """The query of this page with something asked otherwise."""
        told = {"section": self.section, "sort": self.sort, **asked}
        query = urlencode({name: value for name, value in told.items() if value and (name, value) != ("sort", "name")})
        return f"?{query}"


def build_gradebook(leader: Membership, asked: Mapping[str, str], given: Mapping[str, str]) -> GradebookPage:
    """What is asked is the section, the order and the number of the page. Raises Refusal of the first two."""
    book = open_book(leader.cohort)
    section, sort = asked.get("section", ""), asked.get("sort") or "name"
    numbers = order_members(book, list_graded(leader, section), sort)
    turn = Paginator(numbers, LINES).get_page(asked.get("page"))
    lines = read_lines(book, list(turn.object_list))
    return GradebookPage(
        title=leader.cohort.title,
        projects=_count_columns(book.columns),
        columns=book.columns,
        rows=[_build_row(book, line) for line in lines],
        turn=turn,
        sections=[one.title for one in list_sections(leader)],
        section=section,
        sort=sort,
        weights=[WeightField(column, given.get(column.place, f"{column.weight:g}")) for column in book.columns],
    )


def _count_columns(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Each project, and how many milestones of it stand side by side."""
    titles = {column.slug: column.project for column in columns}
    return [(title, sum(column.slug == slug for column in columns)) for slug, title in titles.items()]


def _build_row(book: Book, line: Line) -> GradeRow:
    member = line.member
    pairs = zip(book.columns, line.grades, strict=True)
    return GradeRow(
        name=str(member.user),
        username=member.user.username,
        section=member.section.title if member.section else "",
        total=line.total,
        cells=[_build_cell(book, column, grade) for column, grade in pairs],
    )


def _build_cell(book: Book, column: Column, grade: Grade | None) -> GradeCell:
    if grade is None:
        return GradeCell(column, None)
    return GradeCell(
        column, grade, reverse("frontend:member_submission", args=[book.cohort.slug, grade.judged.submission_id])
    )
