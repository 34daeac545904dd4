"""The queue, as the parts know it: a doorbell for workers."""

import logging
import os
import threading

from celery import Celery
from celery.signals import worker_init, worker_ready

from grading.sandboxes import doctor, leftovers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

log = logging.getLogger(__name__)
app = Celery("milepost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def clear_leftovers(**_: object) -> None:
    """What a killed worker's sandboxes left on this host is cleared away by the next worker that starts."""
    leftovers.sweep()


@worker_ready.connect
def ask_the_doctor(**_: object) -> None:
    """Beside the first runs, not before them: each is held to what is required anyway. The pool has forked by now."""
    threading.Thread(target=tell_what_is_enforced, daemon=True).start()


def tell_what_is_enforced() -> None:
    layers = doctor.report()
    missing = [layer.name for layer in layers if not layer.enforced]
    level = logging.WARNING if missing else logging.INFO
    log.log(level, "sandbox tier %s; not enforced here: %s", doctor.tier(layers), ", ".join(missing) or "nothing")
