"""What workers do: claim, call, record. Everything that a task needs is in the row that its id names."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone

from curriculum.models import Project
from grading.confirmation import grade_surely
from grading.judging import STEP, Judging
from grading.pipeline import Job, grade, make_reference_artefact, void
from grading.previewing import preview_folder, preview_work
from grading.verdict import Verdict
from grading.world import make_world
from people.learners import ledger, mails, queries, rehearsals
from people.learners.draws import PRACTICE, draw_for, sequestered_draws
from people.learners.facilities import facilities
from people.learners.models import Enrolment, Loan, Rehearsal, Run, Submission
from people.origins import working_on
from people.ringing import call

log = logging.getLogger(__name__)

# A database that is started anew answers again within so many seconds.
RECORD_AGAIN_S = (1, 2, 4, 8)


@shared_task(name="people.learners.tasks.grade_run")
def grade_run(run_id: int) -> None:
    """Judge the run whose turn it is. The one that was rung for says that there is work, and not which comes first."""
    run = ledger.claim_next()
    if run is None:
        return
    _judge(run)
    # Whoever ends one sees to the next: where a broker lost its memory, all who work go on.
    if waiting := queries.find_waiting():
        call(grade_run, waiting)


@shared_task(name="people.learners.tasks.grade_this")
def grade_this(run_id: int) -> None:
    """Judge this run and no other, such as a shadow, if it is ours to judge."""
    run = ledger.claim(run_id)
    if run is not None and _judge(run):
        call(grade_this, run_id)


def _judge(run: Run) -> bool:
    """True: it is to be tried again."""
    with _heartbeat(partial(ledger.beat, run)):
        verdict = _grade(run)
        is_open = _record(run, verdict)
    if verdict.outcome == "passed" and not run.shadow:
        # The next milestone is tried on the next draw; made now, nobody waits for it.
        call(make_worlds, run.submission.enrolment_id, run.draw + 1)
    return is_open


@shared_task(name="people.learners.tasks.rehearse")
def rehearse(rehearsal_id: int) -> None:
    """Judge saved files on their learner's practice world, if they are ours to judge."""
    rehearsal = rehearsals.claim(rehearsal_id)
    if rehearsal is None:
        return
    with _heartbeat(partial(rehearsals.beat, rehearsal)):
        verdict = _rehearse(rehearsal)
    if rehearsals.record(rehearsal, verdict):
        call(rehearse, rehearsal_id)


@shared_task(name="people.learners.tasks.sweep")
def sweep() -> int:
    """Hand on what dead workers and lost messages left, runs before rehearsals; says how many."""
    for run in ledger.take_lost():
        job = _job(run.submission, run.edition, run.draw)
        ledger.record(run, void(job, f"each of the {run.tries} workers that took it died"))
    strays, shadows, waiting = ledger.take_strays(), ledger.take_stray_shadows(), rehearsals.take_strays()
    for task, found in ((grade_run, strays), (grade_this, shadows), (rehearse, waiting)):
        for pk in found:
            log.warning("%s %s has no worker; calling one", task.name, pk)
            call(task, pk)
    return len(strays) + len(shadows) + len(waiting)


@shared_task(name="people.learners.tasks.mail_verdicts")
def mail_verdicts() -> int:
    """Write to those who want it what runs have concluded; says how many mails."""
    return mails.mail_verdicts(timezone.now())


@shared_task(name="people.learners.tasks.make_worlds")
def make_worlds(enrolment_id: int, draw: int) -> None:
    """Make the practice world and this draw ahead of time. A world that exists is found, so twice is no harm."""
    enrolment = Enrolment.objects.select_related("project").filter(pk=enrolment_id).first()
    if enrolment is None:  # gone with its learner's account
        return
    package = facilities().package(enrolment.project.tree)
    # The second sequestered draw is seldom asked, and is made when it is.
    for wanted in (draw_for(enrolment, PRACTICE), draw_for(enrolment, draw), sequestered_draws(enrolment)[0]):
        make_world(package, wanted, facilities().store)


@shared_task(name="people.learners.tasks.make_loan")
def make_loan(loan_id: int) -> None:
    """Have the reference make, of the practice world, what is lent: the learner needs it at home. Twice is no harm."""
    loan = Loan.objects.select_related("enrolment__project").filter(pk=loan_id).first()
    if loan is None:  # gone with its learner's account
        return
    package = facilities().package(loan.enrolment.project.tree)
    world = make_world(package, draw_for(loan.enrolment, PRACTICE), facilities().store)
    judging = Judging(package, package.milestone(loan.kind), world, "", {}, facilities())
    artefact = make_reference_artefact(judging)
    # They may have moved over meanwhile: then it is of the edition that they left.
    Loan.objects.filter(pk=loan_id, enrolment__project=loan.enrolment.project_id).update(artefact=artefact)


@shared_task(name="people.learners.tasks.look_at_world")
def look_at_world(enrolment_id: int) -> None:
    """Look at the sources of the practice world, so that pages can say what is in them."""
    enrolment = Enrolment.objects.select_related("project").filter(pk=enrolment_id).first()
    if enrolment is None:  # gone with its learner's account
        return
    package = facilities().package(enrolment.project.tree)
    preview_folder(make_world(package, draw_for(enrolment, PRACTICE), facilities().store).raw, facilities())


@shared_task(name="people.learners.tasks.look_at_work")
def look_at_work(submission_id: int) -> None:
    """Run what was handed in on the practice world, and look at what it makes."""
    submission = Submission.objects.select_related("enrolment__project").filter(pk=submission_id).first()
    if submission is None:  # gone with its learner's account
        return
    preview_work(practice_job(submission), facilities())


def practice_job(submission: Submission) -> Job:
    """A submission on its learner's practice world, of which nothing is hidden from them."""
    return _job(submission, submission.enrolment.project, PRACTICE)


def _job(submission: Submission, edition: Project, draw: int) -> Job:
    return Job(
        package=edition.tree,
        kind=submission.kind,
        tree=submission.tree,
        draw=draw_for(submission.enrolment, draw),
        lent=dict.fromkeys(queries.lent_kinds(submission.enrolment), ""),
    )


def _record(run: Run, verdict: Verdict) -> bool:
    """Also where the database is started anew at this moment: what took minutes is not thrown away for that.

    Twice is no harm, for the lease is over with the first.
    """
    for pause_s in RECORD_AGAIN_S:
        try:
            return ledger.record(run, verdict)
        except OperationalError:
            log.warning("run %s could not be recorded; trying again", run.pk, exc_info=True)
            connection.close()
            time.sleep(pause_s)
    return ledger.record(run, verdict)


def _tell(run: Run, milestone: str, text: str, kind: str = STEP, /) -> None:
    """Let those who watch know. A line that the database does not take is not worth the run.

    Nor is it taken where the run has gone with its learner's account.
    """
    try:
        ledger.note_event(run, milestone, text, kind)
    except DatabaseError:
        log.warning("run %s: nobody is told %r", run.pk, text, exc_info=True)
        connection.close()


@working_on("run")
def _grade(run: Run) -> Verdict:
    job, draws = _job(run.submission, run.edition, run.draw), sequestered_draws(run.submission.enrolment)
    report = partial(_tell, run)
    return _conclude(job, lambda: grade_surely(job, draws, facilities(), report))


@working_on("rehearsal")
def _rehearse(rehearsal: Rehearsal) -> Verdict:
    """By one draw alone, which is the learner's own: no other has a word here."""
    job = Job(
        package=rehearsal.edition.tree,
        kind=rehearsal.kind,
        tree=rehearsal.tree,
        draw=draw_for(rehearsal.enrolment, PRACTICE),
        lent=dict.fromkeys(rehearsal.lent, ""),
    )

    def report(milestone: str, text: str, kind: str = STEP, /) -> None:
        if kind == STEP:
            rehearsals.note_step(rehearsal, milestone, text)

    return _conclude(job, lambda: grade(job, facilities(), report))


def _conclude(job: Job, judge: Callable[[], Verdict]) -> Verdict:
    try:
        return judge()
    except Exception as fault:  # whatever it is, it is ours, and no learner pays for it
        log.exception("%s of tree %s failed", job.kind, job.tree)
        return void(job, repr(fault))


@contextmanager
def _heartbeat(beat: Callable[[], bool]) -> Iterator[None]:
    """Prolong the lease while the work goes on. It dies with this process, and then the sweep hands the work on."""
    done = threading.Event()

    def keep_beating() -> None:
        try:
            while not done.wait(settings.LEASE_SECONDS / 3):
                _beat_once(beat)
        finally:
            connection.close()

    thread = threading.Thread(target=keep_beating, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat_once(beat: Callable[[], bool]) -> None:
    try:
        beat()
    except DatabaseError:
        # A database that is started anew is back before the lease is over, and then a new connection finds it.
        log.warning("the lease could not be prolonged; trying again", exc_info=True)
        connection.close()
