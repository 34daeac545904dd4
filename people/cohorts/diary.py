"""Writes down what leaders do in a cohort: whoever changes something calls this in the same transaction."""

from collections.abc import Mapping

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine


def note(cohort: Cohort, actor: User, verb: str, learner: User | None = None, place: str = "", text: str = "") -> None:
    CohortLine.objects.create(cohort=cohort, actor=actor, verb=verb, learner=learner, place=place, text=text)


def note_each(cohort: Cohort, actor: User, verb: str, told: Mapping[int, str]) -> None:
    """One line for each of these learners, by the number of their account."""
    lines = (CohortLine(cohort=cohort, actor=actor, verb=verb, learner_id=one, text=text) for one, text in told.items())
    CohortLine.objects.bulk_create(lines, batch_size=1000)
