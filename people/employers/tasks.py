"""What beat calls, and what workers do for learners, candidates and employers: it rings, and others decide."""

from celery import shared_task
from django.utils import timezone

from people.employers import alikeness, delivering, ending, following, measuring, tallies
from people.employers.lapses import look_after
from people.learners.facilities import store
from people.ringing import call

SECONDS_TO_STOP, SECONDS_TO_END = 60, 90


@shared_task(name="people.employers.tasks.look_after_credentials")
def look_after_credentials() -> int:
    return look_after(timezone.now())


@shared_task(name="people.employers.tasks.count_levels")
def count_levels() -> int:
    """By night: how many learners are at which level."""
    return tallies.count_levels()


@shared_task(name="people.employers.tasks.end_boxes")
def end_boxes() -> None:
    """End boxes that are due, have their work compared, hand on what dead workers and lost messages left."""
    now = timezone.now()
    for pk in ending.end_due(now) | alikeness.find_owed(now):
        call(compare_assessed, pk)
    for pk in measuring.take_strays(now):
        call(measure_domain, pk)


@shared_task(name="people.employers.tasks.compare_assessed")
def compare_assessed(pk: int) -> None:
    """Compare what candidates of one assessment handed in."""
    alikeness.compare(pk, store())


# The first file of a project has the ready-made domains measured as well.
@shared_task(name="people.employers.tasks.measure_domain", time_limit=int(measuring.PATIENCE.total_seconds()) - 60)
def measure_domain(pk: int) -> None:
    """Measure an employer's domain file."""
    measuring.measure(pk)


@shared_task(name="people.employers.tasks.tell")
def tell() -> None:
    """Ring for each webhook that has something to be told. Twice, or two at once, is no harm."""
    following.announce_ended(timezone.now())
    for hook_id in delivering.list_due(timezone.now()):
        call(tell_one, hook_id)


# An answer that drips for ever ends here: each byte in time keeps a connection alive.
@shared_task(name="people.employers.tasks.tell_one", soft_time_limit=SECONDS_TO_STOP, time_limit=SECONDS_TO_END)
def tell_one(hook_id: int) -> int:
    return delivering.send_due(hook_id, timezone.now())


@shared_task(name="people.employers.tasks.tend")
def tend() -> None:
    delivering.forget_old(timezone.now())
