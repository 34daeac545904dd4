"""The queue, as the parts know it: a doorbell for workers."""

import os

from celery import Celery
from celery.signals import worker_init

from grading.sandboxes import leftovers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("milepost", task_cls="people.operators.lost:HeardTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def clear_leftovers(**_: object) -> None:
    """What a killed worker's sandboxes left on this host is cleared away by the next worker that starts."""
    leftovers.sweep()
