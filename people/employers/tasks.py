"""What beat calls: it rings, and lapses decide."""

from celery import shared_task
from django.utils import timezone

from people.employers.lapses import look_after


@shared_task(name="people.employers.tasks.look_after_credentials")
def look_after_credentials() -> int:
    return look_after(timezone.now())
