"""Reads a cohort's gradebook: its milestones with their weights, and what each learner's work is worth.

Grades are derived from runs each time, never stored. Test learners have no line.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from grading.verdict import Answer, Outcome
from people.cohorts.dates import read_dates
from people.cohorts.grades import Grade, Judged, Work, grade, weigh
from people.cohorts.lateness import Dates, Void, read_policy
from people.cohorts.models import Cohort, Membership, Role, Section
from people.cohorts.queries import list_members
from people.learners.models import DROPPED, SUPERSEDED, CheckAnswer, Judgement, Run
from people.learners.own import own_shares
from people.learners.queries import current_projects
from people.learners.refusals import Refusal
from people.learners.words import list_words

DEFAULT_WEIGHT: Final = 1
BATCH: Final = 250
JUDGED: Final = (
    "pk",
    "submission_id",
    "submission__enrolment_id",
    "submission__kind",
    "submission__number",
    "submission__created_at",
    "outcome",
    "voided_at",
)
# To read an instant costs as much as the rest of a row, and only of what is void is it asked when.
VOIDED_AT: Final = Case(When(outcome=Outcome.VOID, then="finished_at"))
# Those of memberships, in an order.
Numbers = QuerySet[Membership, int] | list[int]
# Whose, in which project, for which milestone.
Place = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One milestone of a cohort, and what it weighs in the total."""

    project: str
    slug: str
    kind: str
    title: str
    weight: float

    @property
    def place(self) -> str:
        return f"{self.slug}/{self.kind}"


@dataclass(frozen=True, slots=True)
class Book:
    """What holds for every line."""

    cohort: Cohort
    columns: list[Column]

    @property
    def weights(self) -> dict[str, float]:
        return {column.place: column.weight for column in self.columns}


@dataclass(frozen=True, slots=True)
class Line:
    """One learner's grades, one for each column; None where nothing of theirs was judged."""

    member: Membership
    grades: list[Grade | None]
    total: float | None


def open_book(cohort: Cohort) -> Book:
    projects = current_projects(cohort.project_slugs)
    columns = [
        Column(project.title, project.slug, one.kind, one.title, _find_weight(cohort, project.slug, one.kind))
        for project in projects
        for one in project.milestones.all()
    ]
    return Book(cohort, columns)


def _find_weight(cohort: Cohort, slug: str, kind: str) -> float:
    weight: float = cohort.weights.get(f"{slug}/{kind}", DEFAULT_WEIGHT)
    return weight


def list_sections(leader: Membership) -> list[Section]:
    """The sections whose learners this leader sees."""
    return list(leader.assists.all() if leader.role == Role.ASSISTANT else leader.cohort.sections.all())


def list_graded(leader: Membership, section: str = "") -> QuerySet[Membership]:
    """The learners whom this leader sees, or those of the section of this title; test learners are not graded."""
    members = list_members(leader)
    if not section:
        return members
    chosen = [one for one in list_sections(leader) if one.title == section]
    if not chosen:
        raise Refusal("unknown-section", "section", _("Choose one of the sections that you lead here."))
    return members.filter(section=chosen[0])


def read_batches(book: Book, numbers: Sequence[int], size: int = BATCH) -> Iterator[list[Line]]:
    """The lines of these memberships, in this order, so many at a time that ten thousand never are in memory."""
    for start in range(0, len(numbers), size):
        yield read_lines(book, numbers[start : start + size])


def read_lines(book: Book, numbers: Sequence[int]) -> list[Line]:
    """The lines of these memberships, in this order; however many they are, the number of queries is the same."""
    found = Membership.objects.select_related("user", "section").in_bulk(numbers)
    members = [found[number] for number in numbers if number in found]
    dates = read_dates(book.cohort, members)
    enrolments = _find_enrolments(book, members)
    works = _read_works(sorted(set(enrolments.values())))
    own = {(user, slug, kind): work for (user, slug), pk in enrolments.items() for kind, work in works[pk].items()}
    return [_write_line(book, member, own, dates) for member in members]


def _write_line(book: Book, member: Membership, works: Mapping[Place, Work], dates: Mapping[Place, Dates]) -> Line:
    policy = read_policy(book.cohort)
    places = [(member.user_id, column.slug, column.kind) for column in book.columns]
    grades = [grade(works[place], dates[place], policy) if place in works else None for place in places]
    pairs = zip(book.columns, grades, strict=True)
    scores = {column.place: one.counts for column, one in pairs if one}
    return Line(member, grades, weigh(scores, book.weights))


def _find_enrolments(book: Book, members: Sequence[Membership]) -> dict[tuple[int, str], int]:
    """The enrolment that each learner has in each project now, by themselves or with a team."""
    slugs = {column.slug for column in book.columns}
    shares = own_shares().filter(user__in=[member.user_id for member in members], slug__in=slugs)
    return {(user, slug): pk for user, slug, pk in shares.values_list("user_id", "slug", "enrolment_id")}


def of_judged(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Those that grades hang on, void ones among them."""
    # Only what is done has an outcome; to ask for the state as well misleads SQLite to an index over all runs.
    return runs.exclude(outcome__in=("", SUPERSEDED, DROPPED))


def _read_works(enrolments: list[int]) -> dict[int, dict[str, Work]]:
    """What was judged of each enrolment, by milestone. A submission's newest run speaks for it; void says nothing."""
    runs = of_judged(Run.objects.filter(submission__enrolment__in=enrolments))
    rows = runs.annotate(voided_at=VOIDED_AT).order_by("pk").values_list(*JUDGED, named=True)
    points, words, moved = _read_points(enrolments), _read_words(enrolments), _read_moved(enrolments)
    judged: dict[tuple[int, str], dict[int, Judged]] = defaultdict(dict)
    voids: dict[tuple[int, str], list[Void]] = defaultdict(list)
    for run in rows:
        place, handed_in_at = (run.submission__enrolment_id, run.submission__kind), run.submission__created_at
        if run.outcome == Outcome.VOID:
            voids[place].append(Void(handed_in_at, run.voided_at or handed_in_at))
            if run.submission_id in judged[place] or run.submission_id not in words:
                continue
        judged[place][run.submission_id] = Judged(
            run.submission_id,
            run.submission__number,
            handed_in_at,
            run.outcome,
            *points.get(run.pk, (0, 0)),
            word=words.get(run.submission_id, ""),
            moved=moved.get(run.pk),
        )
    works: dict[int, dict[str, Work]] = defaultdict(dict)
    for (enrolment, kind), found in judged.items():
        works[enrolment][kind] = Work(list(found.values()), voids[enrolment, kind])
    return works


def _read_words(enrolments: list[int]) -> dict[int, str]:
    """What leaders let a submission's verdict count as."""
    return dict(list_words(enrolments).values_list("submission_id", "outcome"))


def _read_moved(enrolments: list[int]) -> dict[int, int]:
    """Of each run the points that came or went, since leaders let a check of its own milestone hold, or not."""
    rows = CheckAnswer.objects.filter(
        judgement__run__submission__enrolment__in=enrolments,
        judgement__run__submission__overrides__undone_at=None,
        judgement__run__submission__overrides__check_name=F("name"),
        judgement__kind=F("judgement__run__submission__kind"),
        judgement__run__shadow=False,
    ).order_by()
    moved: dict[int, int] = defaultdict(int)
    for run, answer, outcome, points in rows.values_list(
        "judgement__run_id", "answer", "judgement__run__submission__overrides__outcome", "points"
    ):
        moved[run] += points * ((outcome == Answer.HELD) - (answer == Answer.HELD))
    return dict(moved)


def _read_points(enrolments: list[int]) -> dict[int, tuple[int, int]]:
    """Of each run the points of the milestone that was handed in: of the checks that held, and of all."""
    own = Judgement.objects.filter(run__submission__enrolment__in=enrolments, run__shadow=False)
    rows = (
        own.filter(kind=F("run__submission__kind"))
        .order_by()
        .values_list("run_id")
        .annotate(
            held=Sum("answers__points", filter=Q(answers__answer=Answer.HELD), default=0),
            points=Sum("answers__points", default=0),
        )
    )
    return {run: (held, points) for run, held, points in rows}
