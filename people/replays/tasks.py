"""What beat calls: it forgets the answers that nobody asks for any more."""

from celery import shared_task

from people.replays.keeping import forget_old


@shared_task(name="people.replays.tasks.forget")
def forget() -> int:
    return forget_old()
