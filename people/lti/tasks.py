"""What beat and pages call: tasks ring, and the other modules decide."""

from datetime import timedelta

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from people.lti import keys, roster, scores
from people.lti.models import Launch, Platform
from people.ringing import call

LAUNCHES_KEPT = timedelta(days=1)


@shared_task(name="people.lti.tasks.pass_back")
def pass_back() -> int:
    """Look what has changed since platforms were told, and tell them. Twice, or two at once, is no harm."""
    for platform in roster.list_overdue(timezone.now()):
        call(fetch_roster, platform.pk)
    for platform in Platform.objects.filter(withdrawn_at=None).select_related("cohort"):
        scores.gather(platform)
    return scores.send_due(timezone.now())


@shared_task(name="people.lti.tasks.fetch_roster")
def fetch_roster(platform_id: int) -> None:
    platform = roster.find_waiting(platform_id)
    if platform is not None:
        roster.fetch_roster(platform)


@shared_task(name="people.lti.tasks.tend")
def tend() -> None:
    """Once a day: the keys, what launches left, and who is in each course."""
    now = timezone.now()
    keys.rotate(now)
    Launch.objects.filter(begun_at__lt=now - LAUNCHES_KEPT).delete()
    ask_for_rosters(Platform.objects.filter(withdrawn_at=None))


def ask_for_rosters(platforms: QuerySet[Platform]) -> None:
    """Have workers ask these who is in their courses."""
    roster.want_roster(platforms)
    for pk in platforms.values_list("pk", flat=True):
        call(fetch_roster, pk)
