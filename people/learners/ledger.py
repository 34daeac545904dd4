"""Moves runs and writes their verdicts, as no other module does. Written once; a regrade is another run."""

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet
from django.utils import timezone

from grading.judging import STEP
from grading.verdict import MilestoneVerdict, Outcome, Verdict
from grading.wording import wording
from people.learners import lanes
from people.learners.clock import read_clock
from people.learners.models import (
    DROPPED,
    SUPERSEDED,
    AuditLine,
    CheckAnswer,
    Judgement,
    Lane,
    Rehearsal,
    Run,
    RunEvent,
    RunState,
    Submission,
    Tried,
)

log = logging.getLogger(__name__)

WORKER = "worker"
# A worker is called for the same run at most this often: a long queue must not fill the broker with echoes of itself.
PATIENCE = timedelta(seconds=20)
# Nor must the shadows of a cohort lie in the broker before what a learner hands in: so many are called for at a time.
SHADOWS_AT_A_TIME = 16
# Nor as many workers for what waits as there are runs: whoever ends one takes the next.
CALLS_AT_A_TIME = 16
# A run whose workers die again and again is given up: it may be what they die of.
MOST_TRIES = 8
# A fault of ours seldom mends itself within a second: what was void rests so long before it is tried again, and then
# longer.
REST, LONGER = timedelta(seconds=15), 3
SENTENCE_OF_VOID = wording(
    "We could not judge this: something on our side failed again and again. "
    "It costs you nothing, and an operator has been told; hand in again in a while."
)
SENTENCE_OF_SUPERSEDED = wording(
    "You handed in again before this was judged, so submission {number} is judged instead."
)
SUPERSEDED_STEP = wording("superseded: submission {number} is judged instead")
TRYING_AGAIN = wording("something failed on our side; trying again")


def enqueue(submission: Submission, draw: int, actor: str) -> Run:
    """A new run of this submission, waiting for a worker; it takes the place of those that still wait for one.

    Whoever calls this holds the enrolment's row, so that of two at once the later sees the earlier.
    """
    enrolment = submission.enrolment
    lane = lanes.name_lane(enrolment)
    run = Run.objects.create(submission=submission, edition=enrolment.project, draw=draw, lane=lane)
    _audit(run, actor, "queued", f"{submission.kind} on draw {draw}")
    for older in _same_milestone(submission).filter(state=RunState.QUEUED).exclude(pk=run.pk):
        _supersede(older, submission, actor)
    return run


def enqueue_shadow(tried: Tried, run: Run, actor: str) -> Run:
    """The same submission on the same draw, to be judged by the trial's edition. It takes nobody's place."""
    edition = tried.trial.edition
    shadow = Run.every.create(
        submission_id=run.submission_id, edition=edition, draw=run.draw, trial=tried.trial, shadow=True
    )
    _audit(shadow, actor, "queued", f"as a shadow of run {run.pk}, by edition {edition.number}")
    return shadow


def adopt_shadows(tried: Tried, actor: str) -> None:
    """Let the trial's passes stand for their submissions. What did not pass stays a shadow: no pass is lost by it."""
    for run in _shadows_of(tried).filter(outcome=Outcome.PASSED):
        Run.every.filter(pk=run.pk).update(shadow=False)
        _audit(run, actor, "adopted", f"moved over to edition {tried.trial.edition.number}")


def drop_shadows(tried: Tried, actor: str) -> None:
    """Close what still waits, unjudged; what is being judged already comes to nothing."""
    for run in _shadows_of(tried).filter(state=RunState.QUEUED):
        closing = {"state": RunState.DONE, "outcome": DROPPED, "finished_at": timezone.now()}
        if Run.every.filter(pk=run.pk, state=RunState.QUEUED).update(**closing):
            _audit(run, actor, DROPPED, "with its trial")


def claim_next() -> Run | None:
    """Take the run whose turn it is; None means that there is nothing to take.

    What a dead worker held goes first. Of two workers that choose the same lane at once one serves it, and the other
    chooses again, by what has changed: so the choice is as fair as if they had come one after the other.
    """
    if (orphan := _find_orphan()) and (run := claim(orphan)):
        return run
    while chosen := lanes.choose_next():
        with transaction.atomic():
            if _serve(chosen) and (run := claim(chosen.run_id)):
                return run
    return None


def claim(run_id: int) -> Run | None:
    """Take this run for this worker, if it waits or its lease ran out; None means that it is not ours to work on.

    Whatever the broker delivered twice, one has it. The token fences the record: a worker that lost its lease and
    comes back late cannot write. A shadow stands back while anybody's own run or rehearsal waits; the sweep calls for
    it again.
    """
    now = read_clock()
    is_free = _claimable(now) & (Q(shadow=False) | ~_somebody_waits())
    run = _take(run_id, is_free, now, started_at=now, tries=F("tries") + 1)
    if run:
        _audit(run, WORKER, "claimed", f"try {run.tries}")
    return run


def beat(run: Run) -> bool:
    """Prolong the lease; False means that it was lost and that nothing of this work will be written."""
    return _ours(run).update(lease_until=read_clock() + _lease()) == 1


def note_event(run: Run, milestone: str, text: str, kind: str = STEP) -> None:
    """Add a line to what those who watch the run see."""
    RunEvent.objects.create(run=run, milestone=milestone, text=text[:500], kind=kind)


def record(run: Run, verdict: Verdict) -> bool:
    """Write the verdict, all of it or nothing, and only if the lease is still ours. True: the run must be tried again.

    A void verdict goes back to the queue at most VOID_RETRIES times, and only then is shown.
    """
    if verdict.outcome is Outcome.VOID:
        # A worker's death is no try that came to nothing by itself.
        given_back = run.audit.filter(verb="gave back").count()
        if given_back < settings.VOID_RETRIES and run.tries < MOST_TRIES:
            return _give_back(run, verdict, REST * LONGER**given_back)
    with transaction.atomic():
        if not _close(run, verdict):
            return False
        for position, link in enumerate(verdict.chain, start=1):
            _write_judgement(run, position, link)
        note_event(run, verdict.kind, f"{verdict.outcome}: {verdict.sentence}", RunEvent.VERDICT)
        _audit(run, WORKER, "recorded", f"{verdict.outcome}: {verdict.digests.get('cause', '')}"[:2000])
    if verdict.outcome is Outcome.VOID:
        log.error("run %s is void after %s tries: %s", run.pk, run.tries, verdict.digests.get("cause", ""))
    return False


def take_strays() -> list[int]:
    """Runs to call workers for, noted as called: their worker is dead, or their message was lost or waits long.

    Of those that wait a few are called for, since it is not the message that says which run is taken.
    """
    now = read_clock()
    dead = list(Run.objects.filter(_left_alone(now)).order_by("pk").values_list("pk", flat=True))
    unheard = Run.objects.filter(_unheard(now)).order_by("pk")
    waiting = list(unheard.values_list("pk", flat=True)[:CALLS_AT_A_TIME])
    unheard.update(rung_at=now)
    Run.objects.filter(pk__in=dead).update(rung_at=now)
    return dead + waiting


def take_stray_shadows() -> list[int]:
    """The same of shadows, of which each is called for by itself: none while a learner waits, for they stand back.

    The newest trial comes first, so that one learner's own never waits for hundreds of a cohort.
    """
    now = read_clock()
    if Run.objects.filter(state=RunState.QUEUED).exists():
        return []
    shadows, strays = Run.every.filter(shadow=True).exclude(state=RunState.DONE), _unheard(now) | _left_alone(now)
    called = shadows.exclude(strays).count()
    room = max(0, SHADOWS_AT_A_TIME - called)
    chosen = list(shadows.filter(strays).order_by("-trial_id", "pk").values_list("pk", flat=True)[:room])
    Run.every.filter(pk__in=chosen).update(rung_at=now)
    return chosen


def take_lost() -> list[Run]:
    """Take, to close them, the runs that so many workers died of that no other is to try."""
    now = read_clock()
    lost = Run.every.filter(_expired(now), tries__gte=MOST_TRIES).values_list("pk", flat=True)
    return [run for pk in lost if (run := _take(pk, _expired(now), now))]


def _take(run_id: int, is_free: Q, now: datetime, **told: object) -> Run | None:
    """One conditional update decides between workers."""
    lease = {"state": RunState.RUNNING, "token": uuid.uuid4(), "lease_until": now + _lease()}
    if not Run.every.filter(is_free, pk=run_id).update(**lease, **told):
        return None
    return Run.every.select_related("submission__enrolment__project", "edition").get(pk=run_id)


def _serve(chosen: lanes.Next) -> bool:
    """Whether it is us who serve this lane now: nobody has since it was chosen."""
    if chosen.served_at == lanes.NEVER:
        Lane.objects.bulk_create([Lane(name=chosen.lane, served_at=lanes.NEVER)], ignore_conflicts=True)
    lane = Lane.objects.filter(name=chosen.lane, served_at=chosen.served_at)
    # Two within one tick of a clock would look alike to a third.
    return lane.update(served_at=max(read_clock(), chosen.served_at + timedelta(microseconds=1))) == 1


def _find_orphan() -> int | None:
    """The oldest run whose worker is dead."""
    dead = Run.objects.filter(_expired(read_clock()), tries__lt=MOST_TRIES)
    return dead.order_by("pk").values_list("pk", flat=True).first()


def _shadows_of(tried: Tried) -> QuerySet[Run]:
    return Run.every.filter(trial=tried.trial_id, submission__enrolment=tried.enrolment_id, shadow=True)


def _same_milestone(submission: Submission) -> QuerySet[Run]:
    return Run.objects.filter(submission__enrolment=submission.enrolment_id, submission__kind=submission.kind)


def _supersede(run: Run, successor: Submission, actor: str) -> bool:
    """Close a run that waits, unjudged. False: a worker was quicker, and it is judged after all."""
    sentence = SENTENCE_OF_SUPERSEDED.format(number=successor.number)
    closed = Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
        state=RunState.DONE,
        outcome=SUPERSEDED,
        sentence=sentence,
        superseded_by=successor,
        finished_at=timezone.now(),
    )
    if closed:
        _audit(run, actor, SUPERSEDED, f"by submission {successor.number}")
        note_event(run, successor.kind, SUPERSEDED_STEP.format(number=successor.number))
        note_event(run, successor.kind, f"{SUPERSEDED}: {sentence}", RunEvent.VERDICT)
    return closed == 1


def _somebody_waits() -> Q:
    """Whether there is somebody at a page, or at a terminal, who waits for a worker."""
    runs, rehearsals = (model.objects.filter(state=RunState.QUEUED) for model in (Run, Rehearsal))
    return Q(Exists(runs)) | Q(Exists(rehearsals))


def _claimable(now: datetime) -> Q:
    return Q(state=RunState.QUEUED) | _expired(now) & Q(tries__lt=MOST_TRIES)


def _unheard(now: datetime) -> Q:
    return Q(state=RunState.QUEUED, rung_at__lt=now - PATIENCE)


def _left_alone(now: datetime) -> Q:
    return _expired(now) & (Q(rung_at__lt=F("lease_until")) | Q(rung_at__lt=now - PATIENCE))


def _expired(now: datetime) -> Q:
    return Q(state=RunState.RUNNING, lease_until__lt=now)


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def _ours(run: Run) -> QuerySet[Run]:
    return Run.every.filter(pk=run.pk, token=run.token, state=RunState.RUNNING)


def _give_back(run: Run, verdict: Verdict, rest: timedelta) -> bool:
    cause, now = verdict.digests.get("cause", ""), read_clock()
    freeing = {"state": RunState.QUEUED, "token": None, "lease_until": None, "rung_at": now, "rests_until": now + rest}
    with transaction.atomic():
        freed = _ours(run).update(**freeing)
        if freed:
            _audit(run, WORKER, "gave back", cause[:2000])
            freed = run.shadow or not _yield_to_newer(run)
        if freed:
            note_event(run, verdict.kind, TRYING_AGAIN)
    log.warning("run %s was void on try %s: %s", run.pk, run.tries, cause)
    return bool(freed)


def _yield_to_newer(run: Run) -> bool:
    """Whether what was handed in meanwhile for the same milestone takes this run's place, now that it waits again."""
    newer = _same_milestone(run.submission).filter(submission__number__gt=run.submission.number).order_by("pk").last()
    return newer is not None and _supersede(run, newer.submission, WORKER)


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
            plot=result.plot,
            measured=result.measured,
            mark=result.mark,
            skills=list(result.skills),
            level=result.level,
            points=result.points,
            required=result.required,
        )
        for number, result in enumerate(link.results, start=1)
    )


def _audit(run: Run, actor: str, verb: str, text: str) -> None:
    AuditLine.objects.create(actor=actor, verb=verb, run=run, text=text)
