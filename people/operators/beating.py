"""Beat, which says that it lives: by a row of its own and not through a worker, for either can die alone."""

import logging
import socket
import time
from typing import Any

from celery.beat import PersistentScheduler
from django.db import DatabaseError, connection
from django.utils import timezone

from people.operators.models import Pulse

log = logging.getLogger(__name__)

BEAT = "beat"
EVERY_S = 5.0


def note_pulse(name: str) -> None:
    told = {"host": socket.gethostname(), "at": timezone.now()}
    Pulse.objects.update_or_create(name=name, defaults=told)


class TellingScheduler(PersistentScheduler):
    """Celery's own, with a pulse."""

    told = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self.told >= EVERY_S:
            self.told = time.monotonic()
            self._tell()
        return float(super().tick(*args, **kwargs))

    def _tell(self) -> None:
        try:
            note_pulse(BEAT)
        except DatabaseError as error:  # it goes on ringing: a database that is away comes back
            log.warning("beat's pulse was not noted: %s", error)
            connection.close()
