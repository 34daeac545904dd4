"""Hears of tasks whose worker process died under them. Celery sends them again by itself, and tells nobody."""

import logging
from typing import Any

from billiard.exceptions import WorkerLostError
from celery import Task
from celery.worker.request import Request
from django.db import DatabaseError, connection

from people.operators.letters import note_letter
from people.operators.models import DeadLetter

log = logging.getLogger(__name__)


class HeardRequest(Request):
    """In the worker's first process, which survives the one that did the task."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> None:
        # It may come wrapped, with its traceback.
        fault = getattr(exc_info.exception, "exc", exc_info.exception)
        if isinstance(fault, WorkerLostError):
            try:
                note_letter(self.name, self.args, DeadLetter.Fault.LOST, str(fault))
            except DatabaseError:
                log.exception("that %s lost its worker was not written down", self.name)
            connection.close()
        super().on_failure(exc_info, send_failed_event, return_ok)


class HeardTask(Task):  # type: ignore[type-arg]
    Request = "people.operators.lost:HeardRequest"
