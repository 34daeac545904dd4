"""A worker says how it is: every few seconds, in its row, for as long as it lives."""

import logging
import os
import shutil
import socket
import threading
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from grading.sandboxes import choose, doctor
from grading.sandboxes.pool import read_memory
from people.operators.models import DeadLetter, Work, WorkerReport
from people.origins import Origin, set_origin

log = logging.getLogger(__name__)

# A worker that has said nothing for so long is shown no more.
KEPT = timedelta(days=1)
LETTERS_KEPT = timedelta(days=90)
DOCTOR_PAUSE_S = 10


class Reporter:
    """The one thread of a worker that reports on it; the doctor is asked once, beside the first runs."""

    def __init__(self, name: str, slots: int) -> None:
        self.name, self.slots = name, slots
        self.started_at = timezone.now()
        self.layers: list[doctor.Layer] = []
        self.stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._ask_the_doctor, name="milepost-doctor", daemon=True).start()
        threading.Thread(target=self._keep_reporting, name="milepost-report", daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        now = timezone.now()
        WorkerReport.objects.filter(name=self.name).update(stopped_at=now, seen_at=now)

    def report(self) -> None:
        now = timezone.now()
        disk, memory = shutil.disk_usage(find_nearest(settings.STORE_DIR)), read_memory()
        told = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started_at": self.started_at,
            "seen_at": now,
            "stopped_at": None,
            "slots": self.slots,
            "tier": doctor.tier(self.layers) if self.layers else "",
            "required": choose.read_requirement(),
            "layers": [asdict(layer) for layer in self.layers],
            "disk_free": disk.free,
            "disk_total": disk.total,
            "memory_free": memory["MemAvailable"],
            "memory_total": memory["MemTotal"],
        }
        WorkerReport.objects.update_or_create(name=self.name, defaults=told)
        WorkerReport.objects.filter(seen_at__lt=now - KEPT).delete()
        Work.objects.filter(since__lt=now - KEPT).delete()
        DeadLetter.objects.filter(closed_at__lt=now - LETTERS_KEPT).delete()

    def _ask_the_doctor(self) -> None:
        set_origin(Origin(task="doctor"))
        while not self.layers and not self.stopped.is_set():
            try:
                self.layers = doctor.report()
            except Exception:  # on a host so busy that its trials fail; what is not known is not told as weak
                log.exception("the doctor could not answer, and is asked again")
                self.stopped.wait(DOCTOR_PAUSE_S)
        missing = [layer.name for layer in self.layers if not layer.enforced]
        level = logging.WARNING if missing else logging.INFO
        tier = doctor.tier(self.layers)
        log.log(level, "sandbox tier %s; not enforced here: %s", tier, ", ".join(missing) or "nothing")

    def _keep_reporting(self) -> None:
        while not self.stopped.is_set():
            try:
                self.report()
            except (DatabaseError, OSError) as fault:
                log.warning("this worker's report was not written: %s", fault)
            connection.close()
            self.stopped.wait(settings.REPORT_SECONDS)


def find_nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that is there: nothing may have been kept in it yet."""
    return next(place for place in (folder, *folder.parents) if place.exists())
