"""Moves runs and writes their verdicts, as no other module does. Written once; a regrade is another run."""

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from grading.verdict import MilestoneVerdict, Outcome, Verdict
from people.learners.models import AuditLine, CheckAnswer, Judgement, Run, RunEvent, RunState, Submission

log = logging.getLogger(__name__)

WORKER = "worker"
# A worker is called for the same run at most this often: a long queue must not fill the broker with echoes of itself.
PATIENCE = timedelta(seconds=20)
SENTENCE_OF_VOID = (
    "We could not judge this: something on our side failed again and again. "
    "It costs you nothing, and an operator has been told; hand in again in a while."
)


def enqueue(submission: Submission, draw: int, actor: str) -> Run:
    """A new run of this submission, waiting for a worker."""
    run = Run.objects.create(submission=submission, draw=draw)
    _audit(run, actor, "queued", f"{submission.kind} on draw {draw}")
    return run


def claim(run_id: int) -> Run | None:
    """Take the run for this worker, if it waits or its lease ran out; None means that it is not ours to work on.

    One conditional update decides between workers, whatever the broker delivered twice. The token fences the record:
    a worker that lost its lease and comes back late cannot write.
    """
    now, token = timezone.now(), uuid.uuid4()
    taken = (
        Run.objects.filter(pk=run_id)
        .filter(_claimable(now))
        .update(state=RunState.RUNNING, token=token, lease_until=now + _lease(), started_at=now, tries=F("tries") + 1)
    )
    if not taken:
        return None
    run = Run.objects.select_related("submission__enrolment__project").get(pk=run_id)
    _audit(run, WORKER, "claimed", f"try {run.tries}")
    return run


def beat(run: Run) -> bool:
    """Prolong the lease; False means that it was lost and that nothing of this work will be written."""
    return _ours(run).update(lease_until=timezone.now() + _lease()) == 1


def note_event(run: Run, milestone: str, text: str) -> None:
    """Add a line to what those who watch the run see."""
    RunEvent.objects.create(run=run, milestone=milestone, text=text[:500])


def record(run: Run, verdict: Verdict) -> bool:
    """Write the verdict, all of it or nothing, and only if the lease is still ours. True: the run must be tried again.

    A void verdict goes back to the queue at most VOID_RETRIES times, and only then is shown.
    """
    if verdict.outcome is Outcome.VOID and run.tries <= settings.VOID_RETRIES:
        return _give_back(run, verdict)
    with transaction.atomic():
        if not _close(run, verdict):
            return False
        for position, link in enumerate(verdict.chain, start=1):
            _write_judgement(run, position, link)
        _audit(run, WORKER, "recorded", f"{verdict.outcome}: {verdict.digests.get('cause', '')}"[:2000])
    if verdict.outcome is Outcome.VOID:
        log.error("run %s is void after %s tries: %s", run.pk, run.tries, verdict.digests.get("cause", ""))
    return False


def take_strays() -> list[int]:
    """Runs to call a worker for, noted as called: their worker is dead, or their message was lost or waits long."""
    now = timezone.now()
    unheard = Q(state=RunState.QUEUED, rung_at__lt=now - PATIENCE)
    dead = _expired(now) & (Q(rung_at__lt=F("lease_until")) | Q(rung_at__lt=now - PATIENCE))
    strays = list(Run.objects.filter(unheard | dead).order_by("pk").values_list("pk", flat=True)[:200])
    Run.objects.filter(pk__in=strays).update(rung_at=now)
    return strays


def _claimable(now: datetime) -> Q:
    return Q(state=RunState.QUEUED) | _expired(now)


def _expired(now: datetime) -> Q:
    return Q(state=RunState.RUNNING, lease_until__lt=now)


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def _ours(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(pk=run.pk, token=run.token, state=RunState.RUNNING)


def _give_back(run: Run, verdict: Verdict) -> bool:
    cause = verdict.digests.get("cause", "")
    with transaction.atomic():
        freed = _ours(run).update(state=RunState.QUEUED, token=None, lease_until=None, rung_at=timezone.now())
        if freed:
            _audit(run, WORKER, "gave back", cause[:2000])
            note_event(run, verdict.kind, "something failed on our side; trying again")
    log.warning("run %s was void on try %s: %s", run.pk, run.tries, cause)
    return bool(freed)


def _close(run: Run, verdict: Verdict) -> bool:
    sentence = SENTENCE_OF_VOID if verdict.outcome is Outcome.VOID else verdict.sentence
    closed = _ours(run).update(
        state=RunState.DONE,
        token=None,
        lease_until=None,
        finished_at=timezone.now(),
        outcome=verdict.outcome,
        sentence=sentence,
        guilty=verdict.guilty,
        digests={name: value for name, value in verdict.digests.items() if name != "cause"},
    )
    return closed == 1


def _write_judgement(run: Run, position: int, link: MilestoneVerdict) -> None:
    judgement = Judgement.objects.create(
        run=run,
        position=position,
        kind=link.kind,
        outcome=link.outcome,
        sentence=link.sentence,
        artefact=link.artefact,
        found_by_digest=link.found_by_digest,
        cpu_s=link.usage.cpu_s,
        wall_s=link.usage.wall_s,
        memory_mb=link.usage.memory_mb,
        limits=dict(link.limits),
        output=link.output,
    )
    CheckAnswer.objects.bulk_create(
        CheckAnswer(
            judgement=judgement,
            position=number,
            name=result.name,
            question=result.question,
            answer=result.answer,
            sentence=result.sentence,
            expected=result.expected,
            found=result.found,
            details=[dict(row) for row in result.details],
            skills=list(result.skills),
            level=result.level,
            points=result.points,
            required=result.required,
        )
        for number, result in enumerate(link.results, start=1)
    )


def _audit(run: Run, actor: str, verb: str, text: str) -> None:
    AuditLine.objects.create(actor=actor, verb=verb, run=run, text=text)
