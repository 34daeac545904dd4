"""Listens to Celery: what led to a task goes with its message, and what became of it is counted and written down."""

import logging
from datetime import datetime
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import signals
from celery.worker import state as worker_state
from django.utils import timezone

from grading.measuring import count, observe
from people.learners.models import Run, RunState
from people.operators.letters import close_healed, note_letter
from people.operators.models import DeadLetter
from people.operators.origins import Origin, find_origin, set_origin
from people.operators.queries import SUBMISSIONS, TRIALS
from people.operators.reports import Reporter, name_rows
from people.operators.tallies import keep_flushing, try_to_flush

log = logging.getLogger(__name__)

HEADER = "milepost"
GRADE_RUN = "people.learners.tasks.grade_run"
reporters: list[Reporter] = []
# Of the tasks that this process does now: what led to what was done before, and when each began.
begun: dict[str, tuple[Origin, datetime]] = {}


@signals.setup_logging.connect
def keep_logging_as_set(**_: Any) -> None:
    """That somebody answers keeps Celery from setting up loggers of its own: Django has read ours already."""


@signals.before_task_publish.connect
def send_origin(headers: dict[str, Any], **_: Any) -> None:
    headers[HEADER] = find_origin().as_header()


@signals.task_prerun.connect
def begin(task_id: str, task: Any, args: Any, **_: Any) -> None:
    # A worker finds it in the request itself, and a task that is done at once in the request's headers.
    told = task.request.get(HEADER) or (task.request.headers or {}).get(HEADER) or {}
    origin = Origin(str(told.get("request", "")), told.get("user"), task_id, name_rows(task, args))
    begun[task_id] = set_origin(origin), timezone.now()
    log.log(_weigh(), "begins %s", task.name)


@signals.task_postrun.connect
def end(task_id: str, task: Any, args: Any, state: str | None = None, **_: Any) -> None:
    before, since = begun.pop(task_id, (Origin(), timezone.now()))
    seconds = (timezone.now() - since).total_seconds()
    level = _weigh() if state == "SUCCESS" else logging.WARNING
    log.log(level, "ends %s: %s after %.2f s", task.name, str(state).lower(), seconds)
    observe("task_duration_seconds", seconds, task=task.name, state=str(state).lower())
    if state == "SUCCESS":
        close_healed(task.name, args)
    if task.name == GRADE_RUN:
        time_run(args[0], since)
    set_origin(before)


def _weigh() -> int:
    """What beat rings for every few seconds, about no row, is not worth a line each time."""
    return logging.INFO if find_origin().rows else logging.DEBUG


def time_run(run_id: int, since: datetime) -> None:
    """How long it waited and was judged, if it was this task that did it: one that came twice claims nothing."""
    found = Run.every.filter(pk=run_id, state=RunState.DONE, started_at__gte=since)
    for run in found:
        if run.started_at and run.finished_at:
            queue = TRIALS if run.shadow else SUBMISSIONS
            observe("run_wait_seconds", (run.started_at - run.queued_at).total_seconds(), queue=queue)
            observe("run_duration_seconds", (run.finished_at - run.started_at).total_seconds(), queue=queue)


@signals.task_failure.connect
def write_down(sender: Any, exception: BaseException, args: Any, **_: Any) -> None:
    """It failed for good: what is to be tried again by itself does not come here. A lost worker is heard elsewhere."""
    if isinstance(exception, WorkerLostError):
        return
    late = isinstance(exception, TimeLimitExceeded)
    fault = DeadLetter.Fault.TOO_LONG if late else DeadLetter.Fault.RAISED
    note_letter(sender.name, args, fault, repr(exception))


@signals.task_unknown.connect
def write_down_unknown(name: str, exc: BaseException, **_: Any) -> None:
    note_letter(name, (), DeadLetter.Fault.UNKNOWN, f"This worker knows no such task: {exc}")


@signals.worker_ready.connect
def report(sender: Any, **_: Any) -> None:
    """The pool has forked by now."""
    reporter = Reporter(sender.hostname, sender.pool.num_processes, worker_state.active_requests)
    reporters.append(reporter)
    reporter.start()
    count("worker_starts_total")
    keep_flushing()


@signals.worker_shutting_down.connect
def say_goodbye(**_: Any) -> None:
    for reporter in reporters:
        reporter.stopped.set()


@signals.worker_shutdown.connect
def say_stopped(**_: Any) -> None:
    for reporter in reporters:
        reporter.stop()


@signals.worker_process_init.connect
def keep_numbers(**_: Any) -> None:
    keep_flushing()


@signals.worker_process_shutdown.connect
def write_last_numbers(**_: Any) -> None:
    try_to_flush()
