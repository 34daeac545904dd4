"""What beat calls: it rings, and others decide."""

from celery import shared_task
from django.utils import timezone

from people.employers import tallies
from people.employers.lapses import look_after


@shared_task(name="people.employers.tasks.look_after_credentials")
def look_after_credentials() -> int:
    return look_after(timezone.now())


@shared_task(name="people.employers.tasks.count_levels")
def count_levels() -> int:
    """By night: how many learners are at which level."""
    return tallies.count_levels()
