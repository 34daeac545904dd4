"""Writes down what leaders do in a cohort, and reads it: whoever changes something calls this in its transaction."""

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership


def note(cohort: Cohort, actor: User, verb: str, learner: User | None = None, place: str = "", text: str = "") -> None:
    CohortLine.objects.create(cohort=cohort, actor=actor, verb=verb, learner=learner, place=place, text=text)


def note_each(cohort: Cohort, actor: User, verb: str, told: Mapping[int, str]) -> None:
    """One line for each of these learners, by the number of their account."""
    lines = (CohortLine(cohort=cohort, actor=actor, verb=verb, learner_id=one, text=text) for one, text in told.items())
    CohortLine.objects.bulk_create(lines, batch_size=1000)


def list_lines(leader: Membership, username: str = "") -> QuerySet[CohortLine]:
    """Who did what, newest first; or only what the person of this name did, and what was done to them."""
    lines = CohortLine.objects.filter(cohort=leader.cohort_id).select_related("actor", "learner")
    if not username:
        return lines
    return lines.filter(Q(actor__username=username) | Q(learner__username=username))
