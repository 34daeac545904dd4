"""Sends what webhooks are to be told: each thing once, and again after a fault.

What is to be told stands in a row. A sender takes it by one update that names its turn and its try: two never send the
same. One that dies between the answer and its own note of it leaves the row as it was: then the same event goes
out once more, with the same id, by which whoever receives it knows.
"""

import time
from datetime import datetime, timedelta
from typing import Final

import requests
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from people.employers.hook_secrets import sign
from people.employers.models import Attempt, Delivery, Webhook
from people.outgoing import GuardedSession, NotAllowed
from people.turns import MOST_TRIES, claim_try

FIRST_WAIT: Final = timedelta(minutes=2)
KEPT_FOR: Final = timedelta(days=30)
MOST_AT_ONCE: Final = 50
# One address that answers slowly holds a worker for so long, and no other address up.
SECONDS_AT_ONCE: Final = 30
GONE: Final = 410


def list_due(now: datetime) -> list[int]:
    """The webhooks that have something to be told now."""
    due = _list_waiting(now).filter(webhook=OuterRef("pk"))
    return list(Webhook.objects.filter(Exists(due), paused_at=None).values_list("pk", flat=True))


def send_due(hook_id: int, now: datetime) -> int:
    """Tell one webhook what it waits for, in order; says how much was taken. Stops when time is up or it is paused."""
    hook = Webhook.objects.filter(pk=hook_id, paused_at=None).first()
    if hook is None:
        return 0
    ends, sent = time.monotonic() + SECONDS_AT_ONCE, 0
    with GuardedSession(settings.HOOK_PRIVATE_HOSTS) as session:
        for delivery in _list_waiting(now).filter(webhook=hook).order_by("next_at", "pk")[:MOST_AT_ONCE]:
            if time.monotonic() > ends or hook.paused_at:
                break
            waits = _of_turn(delivery).filter(delivered_at=None, given_up_at=None)
            if claim_try(waits, delivery.tries, now, FIRST_WAIT):
                sent += _deliver(session, hook, delivery)
    return sent


def forget_old(now: datetime) -> None:
    """What was told is kept for a while, to look up and to send again."""
    Delivery.objects.filter(made_at__lt=now - KEPT_FOR).delete()


def _list_waiting(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(delivered_at=None, given_up_at=None, next_at__lte=now)


def _of_turn(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, turn=delivery.turn)


def _deliver(session: GuardedSession, hook: Webhook, delivery: Delivery) -> bool:
    attempt = Attempt.objects.create(delivery=delivery)
    try:
        attempt.status = _post(session, hook, delivery)
    except SoftTimeLimitExceeded:
        attempt.text = "It took too long to answer."
    except requests.RequestException as fault:
        # Only what kind of fault it was: its own text may hold what is none of a reader's business.
        attempt.text = str(fault) if isinstance(fault, NotAllowed) else f"No answer: {type(fault).__name__}."
    taken = attempt.status is not None and 200 <= attempt.status < 300
    if taken:
        _of_turn(delivery).update(delivered_at=timezone.now())
        attempt.text = "Taken."
    else:
        attempt.text = _put_off(hook, delivery, attempt)
    attempt.save(update_fields=["status", "text"])
    return taken


def _post(session: GuardedSession, hook: Webhook, delivery: Delivery) -> int:
    headers = sign(hook, delivery.event_id, delivery.body, timezone.now())
    if headers is None:
        raise NotAllowed("The secret cannot be opened any more: change it, and send this again.")
    headers["Content-Type"] = "application/json"
    # What is answered beside the status is neither read nor kept.
    with session.post(hook.address, data=delivery.body.encode(), headers=headers) as answer:
        return answer.status_code


def _put_off(hook: Webhook, delivery: Delivery, attempt: Attempt) -> str:
    """Give it up, or leave it for its next try; says which."""
    told = attempt.text or f"Answered {attempt.status}."
    if attempt.status == GONE:
        hook.paused_at = timezone.now()
        Webhook.objects.filter(pk=hook.pk, paused_at=None).update(paused_at=hook.paused_at)
        _of_turn(delivery).update(given_up_at=hook.paused_at)
        return f"{told} It wants to be told no more, so this webhook is paused."
    tries = delivery.tries + 1
    if tries >= MOST_TRIES:
        _of_turn(delivery).update(given_up_at=timezone.now())
        return f"{told} Try {tries}, and no more by itself."
    return f"{told} Try {tries} of {MOST_TRIES}."
