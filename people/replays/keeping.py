"""Keeps which request has which key, and what was answered to it. Says no where a key is used for something else."""

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from people.accounts.models import User
from people.replays.models import Replay
from people.sealing import seal, unseal

KEPT_FOR: Final = timedelta(hours=24)
# Longer than any request takes; after it, whoever had the key has died.
LEASE: Final = timedelta(seconds=120)
PURPOSE: Final = "people.replays.answer"


class KeyInUse(APIException):
    """The first request with this key is at work, or one that came between was faster."""

    status_code = 409
    default_code = "key-in-use"
    wait = 2

    def __init__(self) -> None:
        super().__init__(_("A request with this Idempotency-Key is being worked on just now."))


class KeyOfAnother(APIException):
    """The key was given to another request."""

    status_code = 422
    default_code = "key-of-another"

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was sent with another request in the last 24 hours."))


def claim(user: User, key: str, digest: str) -> Replay:
    """The request under this key: ours to do now if it has no status, done before if it has one. Raises APIException.

    Of several at once the row's constraint lets one through.
    """
    now = timezone.now()
    Replay.objects.filter(user=user, key=key, made_at__lt=now - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return Replay.objects.create(user=user, key=key, digest=digest, made_at=now, claimed_at=now)
    except IntegrityError:
        known = Replay.objects.filter(user=user, key=key).first()
    if known is None:
        raise KeyInUse
    if known.digest != digest:
        raise KeyOfAnother
    if known.status is None:
        _take_over(known)
    return known


def _take_over(known: Replay) -> None:
    """Have the request of a process that died. Raises KeyInUse while it may be alive, and for all but one."""
    now, before = timezone.now(), known.claimed_at
    if before > now - LEASE:
        raise KeyInUse
    if not _of_turn(known).update(claimed_at=now):
        raise KeyInUse
    known.claimed_at = now


def keep(replay: Replay, status: int, answer: bytes) -> None:
    """Write the answer down, in the transaction of what it tells of: both stand, or neither.

    Raises KeyInUse if somebody took over, who found us too slow to be alive.
    """
    if not _of_turn(replay).update(status=status, sealed=seal(answer, PURPOSE)):
        raise KeyInUse


def release(replay: Replay) -> None:
    """The request was refused, and nothing of it is left: the key may be sent again."""
    _of_turn(replay).delete()


def read_answer(replay: Replay) -> bytes | None:
    """None where the server's secret is another one by now."""
    return unseal(replay.sealed, PURPOSE)


def forget_old() -> int:
    """Delete what nobody asks for any more; says how many."""
    return Replay.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _of_turn(replay: Replay) -> QuerySet[Replay]:
    return Replay.objects.filter(pk=replay.pk, claimed_at=replay.claimed_at, status=None)
