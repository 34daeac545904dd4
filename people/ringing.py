"""Calls workers, and nothing else does. A broker that does not answer fails nobody's request: the rows say what is to
do, and the sweeps read them."""

import logging
from functools import partial

from celery import Signature, Task
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def call(task: "Task[..., object] | Signature", *given: object) -> bool:
    """Ring for a worker now. False: the broker does not answer."""
    try:
        task.delay(*given)
    except (OperationalError, OSError):
        log.warning("nobody could be called for %s%s: the broker does not answer", task.name, given, exc_info=True)
        return False
    return True


def call_after_commit(task: "Task[..., object]", *given: object) -> None:
    """Ring once the rows can be read."""
    transaction.on_commit(partial(call, task, *given))
