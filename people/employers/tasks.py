"""What beat calls, and what workers do for learners, candidates and employers: it rings, and others decide."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from people.employers import alikeness, ending, measuring, tallies
from people.employers.lapses import look_after
from people.learners.facilities import store


@shared_task(name="people.employers.tasks.look_after_credentials")
def look_after_credentials() -> int:
    return look_after(timezone.now())


@shared_task(name="people.employers.tasks.count_levels")
def count_levels() -> int:
    """By night: how many learners are at which level."""
    return tallies.count_levels()


@shared_task(name="people.employers.tasks.end_boxes")
def end_boxes() -> None:
    """End boxes that are due, have their work compared, hand on what dead workers left."""
    for pk in ending.end_due(timezone.now()):
        compare_assessed.delay(pk)
    for pk in measuring.take_strays(timezone.now()):
        measure_domain.delay(pk)


@shared_task(name="people.employers.tasks.compare_assessed")
def compare_assessed(pk: int) -> None:
    """Compare what candidates of one assessment handed in."""
    alikeness.compare(pk, store())


# The first file of a project has the ready-made domains measured as well.
@shared_task(name=measuring.TASK, time_limit=2 * settings.CELERY_TASK_TIME_LIMIT - 60)
def measure_domain(pk: int) -> None:
    """Measure an employer's domain file."""
    measuring.measure(pk)
