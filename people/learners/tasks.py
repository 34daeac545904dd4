"""What workers do: claim, call, record. Everything that a task needs is in the row that its id names."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from django.conf import settings
from django.db import connection

from grading.pipeline import Job, grade, void
from grading.verdict import Verdict
from grading.world import make_world
from people.learners import ledger
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import facilities
from people.learners.models import Enrolment, Run

log = logging.getLogger(__name__)


@shared_task(name="people.learners.tasks.grade_run")
def grade_run(run_id: int) -> None:
    """Judge one run, if it is ours to judge."""
    run = ledger.claim(run_id)
    if run is None:
        return
    with _heartbeat(run):
        verdict = _grade(run)
    if ledger.record(run, verdict):
        grade_run.delay(run_id)
    elif verdict.outcome == "passed":
        # The next milestone is tried on the next draw; made now, nobody waits for it.
        make_worlds.delay(run.submission.enrolment_id, run.draw + 1)


@shared_task(name="people.learners.tasks.sweep")
def sweep() -> int:
    """Hand on the runs of dead workers and of lost messages; says how many."""
    strays = ledger.take_strays()
    for run_id in strays:
        log.warning("run %s has no worker; calling one", run_id)
        grade_run.delay(run_id)
    return len(strays)


@shared_task(name="people.learners.tasks.make_worlds")
def make_worlds(enrolment_id: int, draw: int) -> None:
    """Make the practice world and this draw ahead of time. A world that exists is found, so twice is no harm."""
    enrolment = Enrolment.objects.select_related("project").get(pk=enrolment_id)
    package = facilities().package(enrolment.project.tree)
    for number in (PRACTICE, draw):
        make_world(package, draw_for(enrolment.key, enrolment.domain, number), facilities().store)


def _grade(run: Run) -> Verdict:
    submission = run.submission
    enrolment = submission.enrolment
    job = Job(
        package=enrolment.project.tree,
        kind=submission.kind,
        tree=submission.tree,
        draw=draw_for(enrolment.key, enrolment.domain, run.draw),
    )
    try:
        return grade(job, facilities(), lambda milestone, text: ledger.note_event(run, milestone, text))
    except Exception as fault:  # whatever it is, it is ours, and no learner pays for it
        log.exception("run %s failed", run.pk)
        return void(job, repr(fault))


@contextmanager
def _heartbeat(run: Run) -> Iterator[None]:
    """Prolong the lease while the work goes on. It dies with this process, and then the sweep hands the run on."""
    done = threading.Event()

    def keep_beating() -> None:
        try:
            while not done.wait(settings.LEASE_SECONDS / 3):
                ledger.beat(run)
        finally:
            connection.close()

    thread = threading.Thread(target=keep_beating, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
