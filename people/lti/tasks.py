"""What beat and pages call: tasks ring, and the other modules decide."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from people.lti import keys, roster, scores
from people.lti.models import Launch, Platform

LAUNCHES_KEPT = timedelta(days=1)


@shared_task(name="people.lti.tasks.pass_back")
def pass_back() -> int:
    """Look what has changed since platforms were told, and tell them. Twice, or two at once, is no harm."""
    for platform in Platform.objects.filter(withdrawn_at=None).select_related("cohort"):
        scores.gather(platform)
    return scores.send_due(timezone.now())


@shared_task(name="people.lti.tasks.fetch_roster")
def fetch_roster(platform_id: int) -> None:
    platform = Platform.objects.filter(pk=platform_id, withdrawn_at=None).first()
    if platform is not None:
        roster.fetch_roster(platform)


@shared_task(name="people.lti.tasks.tend")
def tend() -> None:
    """Once a day: the keys, what launches left, and who is in each course."""
    now = timezone.now()
    keys.rotate(now)
    Launch.objects.filter(begun_at__lt=now - LAUNCHES_KEPT).delete()
    for platform_id in Platform.objects.filter(withdrawn_at=None).values_list("pk", flat=True):
        fetch_roster.delay(platform_id)
