"""Listens to Celery: what led to a task goes with its message, and what became of it is counted and written down."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from inspect import signature
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import signals
from django.db import DatabaseError, connection
from django.utils import timezone

from grading.measuring import count, observe
from people.learners.models import Rehearsal, Run
from people.operators.letters import close_healed, note_letter
from people.operators.models import DeadLetter, Work
from people.operators.queries import REHEARSALS, SUBMISSIONS, TRIALS
from people.operators.reports import Reporter
from people.operators.tallies import keep_flushing, try_to_flush
from people.origins import Origin, find_origin, followers, set_origin

log = logging.getLogger(__name__)

HEADER = "milepost"
reporters: list[Reporter] = []
# Of the tasks that this process does now: what led to what was done before, and when each began.
begun: dict[str, tuple[Origin, datetime]] = {}
# The name of the worker that this process belongs to, once it has done something.
workers: list[str] = []


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
    workers[:] = [task.request.hostname or ""]
    log.log(_weigh(), "begins %s", task.name)


@signals.task_postrun.connect
def end(task_id: str, task: Any, args: Any, state: str | None = None, **_: Any) -> None:
    before, since = begun.pop(task_id, (Origin(), timezone.now()))
    seconds = (timezone.now() - since).total_seconds()
    level = _weigh() if state == "SUCCESS" else logging.WARNING
    log.log(level, "ends %s: %s after %.2f s", task.name, str(state).lower(), seconds)
    observe("task_duration_seconds", seconds, task=task.name, state=str(state).lower())
    set_origin(before)
    if state == "SUCCESS":
        close_healed(task.name, args)


def _weigh() -> int:
    """What beat rings for every few seconds, about no row, is not worth a line each time."""
    return logging.INFO if find_origin().rows else logging.DEBUG


@contextmanager
def follow_work(what: str, row: Run | Rehearsal) -> Iterator[None]:
    """Say who works on it, and how long it waited and takes. No work fails because that could not be said."""
    since, worker, queue = time.monotonic(), workers[-1] if workers else "", _name_queue(row)
    key: dict[str, Any] = {"what": what, "row": row.pk}
    _try(lambda: Work.objects.update_or_create(**key, defaults={"worker": worker, "since": timezone.now()}))
    if isinstance(row, Run) and row.started_at:
        observe("run_wait_seconds", (row.started_at - row.queued_at).total_seconds(), queue=queue)
    try:
        yield
    finally:
        observe("run_duration_seconds", time.monotonic() - since, queue=queue)
        _try(lambda: Work.objects.filter(**key, worker=worker).delete())


def _try(write: Callable[[], object]) -> None:
    try:
        write()
    except DatabaseError as error:
        log.warning("who works on it was not written down: %s", error)
        # What comes next, such as a verdict, is not to meet a connection that we have seen broken.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def _name_queue(row: Run | Rehearsal) -> str:
    if isinstance(row, Rehearsal):
        return REHEARSALS
    return TRIALS if row.shadow else SUBMISSIONS


def name_rows(task: Any, arguments: Iterable[Any]) -> dict[str, int]:
    """The numbers that a task was given, by what they are numbers of: `run_id` is that of a run."""
    given = zip(signature(task.run).parameters, arguments, strict=False)
    return {name.removesuffix("_id"): value for name, value in given if isinstance(value, int)}


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
    reporter = Reporter(sender.hostname, sender.pool.num_processes)
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


followers.append(follow_work)
