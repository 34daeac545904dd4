"""Writes down what leaders do in a cohort: whoever changes something calls this in the same transaction."""

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine


def note(cohort: Cohort, actor: User, verb: str, learner: User | None = None, place: str = "", text: str = "") -> None:
    CohortLine.objects.create(cohort=cohort, actor=actor, verb=verb, learner=learner, place=place, text=text)
