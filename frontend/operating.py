"""What operators see: one sentence, then what it rests on. It fetches itself anew every few seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from frontend.refusing import refusing
from people.accounts.models import User
from people.learners.refusals import Refusal
from people.operators.letters import RING, close_letter
from people.operators.models import DeadLetter, WorkerReport
from people.operators.queries import access_operating, access_run, look
from people.operators.sight import DOWN, Doing, Queue, Sight, Vitals
from people.operators.troubles import list_working, refuses, say_span

QUEUES = {
    "submissions": gettext_lazy("Submissions"),
    "trials": gettext_lazy("Trials and regrades"),
    "rehearsals": gettext_lazy("Checks on practice data"),
}
FAULTS = {
    DeadLetter.Fault.RAISED: gettext_lazy("failed"),
    DeadLetter.Fault.TOO_LONG: gettext_lazy("took too long"),
    DeadLetter.Fault.LOST: gettext_lazy("lost its worker"),
    DeadLetter.Fault.UNKNOWN: gettext_lazy("is unknown here"),
}
GB = 2**30


@dataclass(frozen=True, slots=True)
class QueueLine:
    title: str
    queue: Queue
    age: str


@dataclass(frozen=True, slots=True)
class WorkLine:
    work: Doing
    queue: str
    age: str
    beat: str
    left: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How much of something is left on a host."""

    free: float
    size: float

    @property
    def percent(self) -> int:
        return int(100 * (1 - self.free / self.size)) if self.size else 0


@dataclass(frozen=True, slots=True)
class WorkerLine:
    worker: WorkerReport
    state: str
    seen: str
    refuses: bool
    disk: Room
    memory: Room


@dataclass(frozen=True, slots=True)
class LetterLine:
    letter: DeadLetter
    fault: str
    last: str


@require_safe
@login_required
@refusing
def operating(request: HttpRequest) -> HttpResponse:
    access_operating(cast(User, request.user))
    return render(request, "operating/operating.html", describe_page(look(timezone.now())))


@require_safe
@login_required
@refusing
def run(request: HttpRequest, pk: int) -> HttpResponse:
    found = access_run(cast(User, request.user), pk)
    told = {"run": found, "lines": found.audit.all(), "steps": found.events.filter(kind="step")}
    return render(request, "operating/run.html", {**told, "chain": found.judgements.all()})


@require_POST
@login_required
@refusing
def close(request: HttpRequest, pk: int) -> HttpResponse:
    user = cast(User, request.user)
    access_operating(user)
    try:
        letter = close_letter(user, pk, request.POST.get("deed", ""))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.warning(request, refusal.advice)
    else:
        messages.success(request, _("Rung for again.") if letter.rung else _("Dismissed."))
    return redirect("frontend:operating")


def describe_page(sight: Sight) -> Mapping[str, object]:
    vitals = sight.vitals
    worst = sight.troubles[0].severity if sight.troubles else ""
    return {
        "sight": sight,
        "state": "failed" if worst == DOWN else "void" if worst else "passed",
        "queues": [_as_queue(one, vitals.now) for one in vitals.queues],
        "cohorts": [(one, _ago(one.oldest_at, vitals.now)) for one in sight.cohorts],
        "doing": [_as_work(one, vitals.now) for one in sight.doing],
        "workers": _list_workers(vitals),
        "letters": [_as_letter(one, vitals.now) for one in sight.letters],
        "beat": _ago(vitals.beat_at, vitals.now) if vitals.beat_at else "",
        "ring": RING,
    }


def _list_workers(vitals: Vitals) -> Sequence[WorkerLine]:
    working = list_working(vitals)
    return [
        WorkerLine(
            worker=one,
            state="works" if one in working else "stopped" if one.stopped_at else "silent",
            seen=_ago(one.seen_at, vitals.now),
            refuses=refuses(one),
            disk=Room(one.disk_free / GB, one.disk_total / GB),
            memory=Room(one.memory_free / GB, one.memory_total / GB),
        )
        for one in vitals.workers
    ]


def _as_queue(queue: Queue, now: datetime) -> QueueLine:
    return QueueLine(str(QUEUES[queue.name]), queue, say_span(queue.age(now)) if queue.waiting else "")


def _as_work(work: Doing, now: datetime) -> WorkLine:
    age = _ago(work.started_at, now) if work.started_at else ""
    return WorkLine(work, str(QUEUES[work.queue]), age, _ago(work.beat_at, now), work.is_left(now))


def _as_letter(letter: DeadLetter, now: datetime) -> LetterLine:
    return LetterLine(letter, str(FAULTS[DeadLetter.Fault(letter.fault)]), _ago(letter.last_at, now))


def _ago(moment: datetime, now: datetime) -> str:
    return say_span((now - moment).total_seconds())
