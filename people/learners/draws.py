"""Which world a run is judged on. Seeds come from the server's secret: nobody can make a hidden world at home."""

import hashlib
import hmac
import uuid

from django.conf import settings

from grading.world import Draw
from people.learners.models import Enrolment

PRACTICE = 0
SEQUESTERED = 2


def draw_for(enrolment: Enrolment, number: int) -> Draw:
    """The numbered draw of the learner's own mechanism; number 0 is the practice world, theirs to download."""
    return _draw(enrolment, f"draw {number}")


def sequestered_draws(enrolment: Enrolment) -> tuple[Draw, ...]:
    """The draws that have the last word on a pass, and of which nobody hears more than yes or no."""
    return tuple(_draw(enrolment, f"sequestered {number}") for number in range(1, SEQUESTERED + 1))


def _draw(enrolment: Enrolment, purpose: str) -> Draw:
    mechanism, draw = (_derive(enrolment.key, part) for part in ("mechanism", purpose))
    return Draw(mechanism=mechanism, draw=draw, domain=enrolment.domain, seat=enrolment.seat)


def next_draw(passed: int) -> int:
    """The draw for a new submission: kept while a milestone is being tried, another one once it has passed."""
    return passed + 1


def _derive(key: uuid.UUID, purpose: str) -> int:
    message = f"{key} {purpose}".encode()
    return int.from_bytes(hmac.digest(settings.WORLD_SECRET.encode(), message, hashlib.sha256)[:7])
