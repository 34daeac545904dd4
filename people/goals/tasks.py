"""What beat calls: it rings, and reminders decide."""

from celery import shared_task
from django.utils import timezone

from people.goals.reminders import remind_all


@shared_task(name="people.goals.tasks.remind")
def remind() -> int:
    return remind_all(timezone.now())
