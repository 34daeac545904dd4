"""What platforms should know of their people's work: the gradebook's scores, derived each time and never stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from people.accounts.models import User
from people.cohorts.gradebook import open_book, read_batches
from people.cohorts.grades import Grade
from people.cohorts.queries import list_counted
from people.learners.models import Enrolment, RunState
from people.learners.own import enrolments_by_user
from people.learners.standing import Standing, read_standings
from people.lti.models import Identity, Placement, Platform

WHOLE: Final = Decimal(100)
CENT: Final = Decimal("0.01")
# The number of a placement, and of an identity.
Place = tuple[int, int]
# Whose, in which project, for which milestone.
Grades = dict[tuple[int, str, str], Grade]


@dataclass(frozen=True, slots=True)
class Worth:
    """A score as the platform has it: how far the person is, how far we are with grading, and of 100 how much."""

    activity: str
    grading: str
    given: Decimal | None = None


BEING_JUDGED: Final = Worth("Submitted", "Pending")


def read_worths(platform: Platform) -> dict[Place, Worth]:
    """For each link that takes scores, what each learner's work is worth; nobody who has handed in nothing.

    The number of queries hangs on the projects that are linked to, and not on how many people come from the platform.
    """
    placements = list(platform.placements.exclude(column_url=""))
    people = list(_list_people(platform)) if placements else []
    grades = _read_grades(platform, people) if people else {}
    by_slug: dict[str, list[Placement]] = defaultdict(list)
    for placement in placements:
        by_slug[placement.slug].append(placement)
    worths: dict[Place, Worth] = {}
    for slug, links in by_slug.items():
        worths.update(_read_project(slug, links, people, grades))
    return worths


def _list_people(platform: Platform) -> Iterable[Identity]:
    """Who comes from the platform and learns in its cohort now. Test learners are scored nowhere."""
    learners = list_counted(platform.cohort).values("user")
    return platform.identities.filter(user__in=learners).select_related("user")


def _read_grades(platform: Platform, people: list[Identity]) -> Grades:
    """What the cohort's gradebook says of these people, lateness and leaders' words included."""
    book = open_book(platform.cohort)
    members = platform.cohort.memberships.filter(user__in=[one.user_id for one in people])
    lines = [line for lines in read_batches(book, list(members.values_list("pk", flat=True))) for line in lines]
    return {
        (line.member.user_id, column.slug, column.kind): grade
        for line in lines
        for column, grade in zip(book.columns, line.grades, strict=True)
        if grade
    }


def _read_project(
    slug: str, placements: list[Placement], people: list[Identity], grades: Grades
) -> Iterator[tuple[Place, Worth]]:
    enrolments = enrolments_by_user([one.user for one in people if isinstance(one.user, User)], slug)
    standings = read_standings(_read_kinds(set(enrolments.values())))
    for one in people:
        user = one.user_id or 0
        for standing in standings.get(enrolments.get(user, 0), []):
            worth = _judge(standing, grades.get((user, slug, standing.kind)))
            for placement in placements:
                if worth and placement.kind == standing.kind:
                    yield (placement.pk, one.pk), worth


def _read_kinds(enrolments: Iterable[int]) -> dict[int, list[str]]:
    """The milestones of each enrolment's own edition."""
    found = Enrolment.objects.filter(pk__in=enrolments).select_related("project")
    rows = found.prefetch_related("project__milestones")
    return {one.pk: [milestone.kind for milestone in one.project.milestones.all()] for one in rows}


def _judge(standing: Standing, grade: Grade | None) -> Worth | None:
    """What is judged anew after a pass changes nothing until it is; None while nothing was handed in."""
    is_waiting = standing.state in (RunState.QUEUED, RunState.RUNNING)
    if is_waiting and not standing.passed_at:
        return BEING_JUDGED
    if grade is None:
        return None
    return Worth(
        "Completed" if standing.passed_at else "InProgress", "FullyGraded", Decimal(grade.counts).quantize(CENT)
    )
