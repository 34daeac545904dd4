"""Moves rehearsals, as the ledger moves runs: what was asked to be checked on a practice world, and the answer.

Nothing here is a part of anybody's record.
"""

import json
import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Q, QuerySet
from django.utils import timezone

from grading.verdict import Outcome, Verdict, to_plain
from people.learners.clock import read_clock
from people.learners.models import Enrolment, Rehearsal, Run, RunState

log = logging.getLogger(__name__)

# As for runs: a long queue must not fill the broker with echoes of itself.
PATIENCE = timedelta(seconds=20)
# What is handed in goes first; but a queue that is never empty keeps nobody from checking for longer than this.
STANDS_BACK = timedelta(seconds=60)
Asked = Mapping[str, Any]


def is_known(rehearsal: Rehearsal, asked: Asked) -> bool:
    """Whether this very thing waits, is being judged or has its answer. Void answers nothing."""
    same = all(getattr(rehearsal, name) == value for name, value in asked.items() if name != "commit")
    return same and not (rehearsal.verdict and rehearsal.verdict["outcome"] == Outcome.VOID)


def enqueue(enrolment: Enrolment, asked: Asked) -> bool:
    """Let this wait for a worker, in the place of what was asked before. False while that is being judged.

    Whoever calls this holds the enrolment's row, so that of two at once the later sees the earlier.
    """
    now = timezone.now()
    told = {**asked, "state": RunState.QUEUED, "asked_at": now, "rung_at": now, "verdict": None, "tries": 0}
    told |= {"token": None, "lease_until": None, "finished_at": None, "working_on": "", "step": ""}
    own = Rehearsal.objects.filter(enrolment=enrolment)
    # One update decides: a worker may take it at this very moment.
    if own.exclude(state=RunState.RUNNING).update(**told):
        return True
    if own.exists():
        return False
    Rehearsal.objects.create(enrolment=enrolment, **told)
    return True


def claim(rehearsal_id: int) -> Rehearsal | None:
    """Take it for this worker, if it waits or its lease ran out, and if no run that was handed in waits before it."""
    now, token = read_clock(), uuid.uuid4()
    is_free = Q(state=RunState.QUEUED) | Q(state=RunState.RUNNING, lease_until__lt=now)
    is_next = ~Exists(Run.objects.filter(state=RunState.QUEUED)) | Q(asked_at__lt=now - STANDS_BACK)
    taken = Rehearsal.objects.filter(is_free, is_next, pk=rehearsal_id).update(
        state=RunState.RUNNING, token=token, lease_until=now + _lease(), tries=F("tries") + 1
    )
    return Rehearsal.objects.select_related("enrolment", "edition").get(pk=rehearsal_id) if taken else None


def beat(rehearsal: Rehearsal) -> bool:
    """Prolong the lease; False means that it was lost and that nothing of this work will be written."""
    return _ours(rehearsal).update(lease_until=read_clock() + _lease()) == 1


def note_step(rehearsal: Rehearsal, milestone: str, text: str) -> None:
    """What those who watch see of it: the last step."""
    _ours(rehearsal).update(working_on=milestone, step=text[:500])


def record(rehearsal: Rehearsal, verdict: Verdict) -> bool:
    """Write the verdict, if the lease is still ours. True: it is void, and is to be tried again."""
    cause = verdict.digests.get("cause", "")
    if verdict.outcome is Outcome.VOID:
        log.error("rehearsal %s was void on try %s: %s", rehearsal.pk, rehearsal.tries, cause)
        if rehearsal.tries <= settings.VOID_RETRIES:
            freed = {"state": RunState.QUEUED, "token": None, "lease_until": None, "rung_at": timezone.now()}
            return _ours(rehearsal).update(**freed) == 1
    closing = {"state": RunState.DONE, "token": None, "lease_until": None, "finished_at": timezone.now()}
    _ours(rehearsal).update(**closing, verdict=_as_json(verdict))
    return False


def take_strays() -> list[int]:
    """Rehearsals to call a worker for, noted as called: their worker or their message is lost, or they wait long."""
    now = read_clock()
    is_open = Q(state=RunState.QUEUED) | Q(state=RunState.RUNNING, lease_until__lt=now)
    strays = list(
        Rehearsal.objects.filter(is_open, rung_at__lt=now - PATIENCE)
        .order_by("asked_at")
        .values_list("pk", flat=True)[:200]
    )
    Rehearsal.objects.filter(pk__in=strays).update(rung_at=now)
    return strays


def _ours(rehearsal: Rehearsal) -> QuerySet[Rehearsal]:
    return Rehearsal.objects.filter(pk=rehearsal.pk, token=rehearsal.token, state=RunState.RUNNING)


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    """Plain values that every database takes: what was measured may be no number."""
    told = to_plain(verdict)
    told["digests"] = {name: value for name, value in verdict.digests.items() if name != "cause"}
    plain: dict[str, Any] = json.loads(json.dumps(told), parse_constant=lambda _: None)
    return plain
