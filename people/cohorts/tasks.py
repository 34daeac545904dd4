"""What workers do for those who lead: a row's number says all that there is to do."""

from celery import shared_task
from django.utils import timezone

from people.cohorts import comparing, digests
from people.learners.facilities import store
from people.ringing import call


@shared_task(name="people.cohorts.tasks.compare")
def compare(pk: int) -> None:
    """Compare what was handed in for a milestone."""
    comparing.compare(pk, store())


@shared_task(name="people.cohorts.tasks.hand_on")
def hand_on() -> None:
    """What beat calls: it rings for what dead workers and lost messages left."""
    for row in comparing.list_overdue(timezone.now()):
        call(compare, row.pk)


@shared_task(name="people.cohorts.tasks.mail_digests")
def mail_digests() -> int:
    """What beat calls: it rings, and digests decide."""
    return digests.mail_digests(timezone.now())
