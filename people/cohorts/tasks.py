"""What workers do for those who lead: a row's number says all that there is to do."""

from celery import shared_task

from people.cohorts import comparing
from people.learners.facilities import store


@shared_task(name="people.cohorts.tasks.compare")
def compare(pk: int) -> None:
    """Compare what was handed in for a milestone."""
    comparing.compare(pk, store())
