"""Reads what was said about lines of submissions: for who leads, and for the learner whose work it is."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Prefetch, QuerySet
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.models import CohortLine, Comment, Membership
from people.cohorts.queries import list_everyone
from people.learners.models import Override, Share, Submission
from people.learners.queries import access_submission, shared_submissions
from people.learners.refusals import Refusal

VIEWED = "viewed as"


@dataclass(frozen=True, slots=True)
class News:
    """What a learner has not read yet about one submission: how many comments, and whether a leader overrode it."""

    submission_id: int
    number: int
    kind: str
    project: str
    comments: int
    overrides: int


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody who leads looked at a learner's pages as the learner sees them."""

    by: str
    at: datetime


def list_threads(submission: Submission) -> QuerySet[Comment]:
    """The threads about a submission, by file and line, each with its answers."""
    return _list_threads().filter(submission=submission).order_by("path", "line", "pk")


def list_open_threads(leader: Membership) -> QuerySet[Comment]:
    """The threads in this cohort that are not resolved, about learners whom this leader sees; last spoken in first."""
    found = _list_threads().filter(cohort=leader.cohort, resolved_at=None)
    found = found.filter(submission__enrolment__in=_seen(leader))
    return found.annotate(spoken=Max("answers__pk")).order_by("-spoken", "-pk")


def _list_threads() -> QuerySet[Comment]:
    answers = Comment.objects.select_related("author").order_by("pk")
    found = Comment.objects.filter(parent=None).select_related(
        "author", "resolved_by", "cohort", "submission__enrolment__user", "submission__enrolment__project"
    )
    return found.prefetch_related(Prefetch("answers", answers))


def access_thread(leader: Membership, pk: int) -> Comment:
    """A thread of this cohort, about the work of a learner whom this leader sees, or of the test one."""
    found = _list_threads().filter(cohort=leader.cohort, submission__enrolment__in=_seen(leader), pk=pk).first()
    if found is None:
        raise _refuse_unknown()
    return found


def access_own_thread(user: User, submission_id: int, pk: int) -> Comment:
    """A thread about this user's own submission."""
    found = _list_threads().filter(submission=access_submission(user, submission_id), pk=pk).first()
    if found is None:
        raise _refuse_unknown()
    return found


def _refuse_unknown() -> Refusal:
    return Refusal("not-found", "comment", _("There is no such comment."), 404)


def access_override(leader: Membership, pk: int) -> Override:
    """What was said in place of the machine, of work in this cohort's projects by learners whom this leader sees."""
    found = list_said(leader).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "override", _("There is no such override in this cohort."), 404)
    return found


def list_said(leader: Membership) -> QuerySet[Override]:
    """The overrides of work in this cohort, undone or not, newest first."""
    found = Override.objects.filter(submission__enrolment__in=_seen(leader))
    found = found.filter(submission__enrolment__project__slug__in=leader.cohort.project_slugs)
    people = ("by", "undone_by", "submission__enrolment__user", "submission__enrolment__project")
    return found.select_related(*people).order_by("-pk")


def _seen(leader: Membership) -> QuerySet[Share, Any]:
    """The enrolments of those whom this leader sees, alone or in a team."""
    shares = Share.objects.filter(user__in=list_everyone(leader).values("user"), until=None)
    return shares.values("enrolment")


def list_news(user: User) -> list[News]:
    """What this learner has not read yet, by submission, newest first; in two queries."""
    own = shared_submissions(user).values("pk")
    unread = Comment.objects.filter(submission__in=own, seen_at=None).exclude(author=user)
    unseen = Override.objects.filter(submission__in=own, seen_at=None, undone_at=None)
    comments, overrides = _gather(unread), _gather(unseen)
    places = sorted({**comments, **overrides}, reverse=True)
    return [News(*place, comments[place], overrides[place]) for place in places]


def _gather(rows: "QuerySet[Comment] | QuerySet[Override]") -> Counter[tuple[int, int, str, str]]:
    """How many rows there are about each submission."""
    fields = ("number", "kind", "enrolment__project__title")
    return Counter(rows.values_list("submission_id", *(f"submission__{name}" for name in fields)))


def find_last_look(user: User) -> Look | None:
    """Who looked last at this learner's pages as they see them."""
    line = CohortLine.objects.filter(learner=user, verb=VIEWED).select_related("actor").first()
    return Look(str(line.actor or ""), line.at) if line else None
