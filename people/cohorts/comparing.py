"""Compares what a cohort's learners handed in for a milestone, and keeps what was found in one row.

Here is a worker's part; what leaders ask and see is in likeness.
"""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from grading.store import Store, digest_of
from people.cohorts.models import Cohort, Likeness
from people.cohorts.queries import list_counted
from people.learners.comparing import MANNER, choose_latest, list_equal_artefacts, list_given, report
from people.learners.models import Submission
from people.learners.own import own_work
from people.turns import overdue


def compare(pk: int, store: Store) -> None:
    """Write the report that this row asks for, if nobody has. Two at once are no harm: equal inputs, equal reports."""
    row = Likeness.objects.select_related("cohort").filter(pk=pk, finished_at=None).first()
    if row is None:
        return
    chosen = choose_submissions(row.cohort, row.slug, row.kind)
    given = list_given(chosen)
    artefacts = list_equal_artefacts(chosen, row.kind, store)
    inputs = digest_of([MANNER, [[one.pk, one.tree] for one in chosen], given, artefacts])
    if inputs != row.inputs:
        row.report = {**report(chosen, given, store), "artefacts": artefacts}
        row.inputs = inputs
    row.finished_at = timezone.now()
    row.save(update_fields=["report", "inputs", "finished_at"])


def list_overdue(now: datetime) -> QuerySet[Likeness]:
    """What leaders asked for, and nobody has come for."""
    return Likeness.objects.filter(overdue("asked_at", now), finished_at=None)


def choose_submissions(cohort: Cohort, slug: str, kind: str) -> list[Submission]:
    """What is compared of the cohort's learners."""
    members = list_counted(cohort).values("user")
    shared = {"enrolment__shares__user__in": members, "enrolment__shares__left_at": None}
    handed_in = Submission.objects.filter(**shared, enrolment__shares__slug=slug, kind=kind, **own_work()).distinct()
    return choose_latest(handed_in)
