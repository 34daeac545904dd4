"""What a learner's pages show of help: hints, attempts, the reference, what is lent. Plain values; decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from curriculum.models import Milestone
from frontend.diffs import FileDiff, compare_files
from people.accounts.models import User
from people.learners import helping, queries
from people.learners.aid import CheckHints
from people.learners.models import Enrolment, Permit
from people.learners.references import read_pair
from people.learners.standing import LOCKED, Standing


@dataclass(frozen=True, slots=True)
class ShownHints:
    """The hints of one check, and where the next one is opened."""

    told: CheckHints
    url: str


@dataclass(frozen=True, slots=True)
class Helping:
    """The ways on from a milestone: the reference to read, the loan to take or give back, each if there is one.

    `missing` is how many tries are missing until it may be lent; None where lending makes no sense.
    """

    reference_url: str = ""
    reference_is_early: bool = False
    loan_url: str = ""
    lent_at: datetime | None = None
    missing: int | None = None
    all: int = 0


NO_WAYS = Helping()


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """The reference's files of one milestone, each as what to change in one's own."""

    project: str
    project_url: str
    title: str
    kind: str
    url: str
    number: int | None
    submission_url: str
    files: Sequence[FileDiff]
    only_own: Sequence[str]


def show_hints(milestone: Milestone, enrolment: Enrolment) -> dict[str, ShownHints]:
    """By the name of the check."""
    slug = enrolment.project.slug
    return {
        told.check: ShownHints(told, reverse("frontend:hint", args=[slug, milestone.kind, told.check]))
        for told in helping.read_check_hints(milestone, enrolment)
    }


def show_helping(enrolment: Enrolment, milestone: Milestone, standing: Standing, is_last: bool) -> Helping:
    """The ways on from a milestone that is open."""
    if standing.state == LOCKED:
        return NO_WAYS
    place = [enrolment.project.slug, milestone.kind]
    permits = queries.permits_of(enrolment, milestone.kind)
    may_read = standing.passed_at is not None and standing.passed_in is None and standing.word is None
    is_early = not may_read and Permit.What.REFERENCE in permits
    may_be_lent = not (is_last or standing.passed_at)
    missing = 0 if Permit.What.LOAN in permits else settings.MILEPOST_TRIES_BEFORE_LOAN - standing.wrong_tries
    return Helping(
        reference_url=reverse("frontend:reference", args=place) if may_read or is_early else "",
        reference_is_early=is_early,
        loan_url=reverse("frontend:loan", args=place) if may_be_lent else "",
        lent_at=standing.lent_at,
        missing=max(0, missing) if may_be_lent else None,
        all=settings.MILEPOST_TRIES_BEFORE_LOAN,
    )


def access_reference(user: User, slug: str, kind: str) -> ReferencePage:
    enrolment, milestone, passed = queries.access_reference(user, slug, kind)
    pair = read_pair(enrolment, kind, passed)
    own: Mapping[str, bytes] = pair.own
    return ReferencePage(
        project=enrolment.project.title,
        project_url=reverse("frontend:project", args=[slug]),
        title=milestone.title,
        kind=kind,
        url=reverse("frontend:milestone", args=[slug, kind]),
        number=passed.number if passed else None,
        submission_url=reverse("frontend:submission", args=[passed.pk]) if passed else "",
        files=[compare_files(path, own.get(path), content) for path, content in pair.reference.items()],
        only_own=pair.only_own,
    )
