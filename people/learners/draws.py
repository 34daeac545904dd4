"""Which world a run is judged on. Seeds come from the server's secret: nobody can make a hidden world at home."""

import hashlib
import hmac
import uuid

from django.conf import settings

from grading.world import Draw

PRACTICE = 0


def draw_for(key: uuid.UUID, domain: str, number: int) -> Draw:
    """The numbered draw of the learner's own mechanism; number 0 is the practice world, theirs to download."""
    return Draw(mechanism=_derive(key, "mechanism"), draw=_derive(key, f"draw {number}"), domain=domain)


def next_draw(passed: int) -> int:
    """The draw for a new submission: kept while a milestone is being tried, another one once it has passed."""
    return passed + 1


def _derive(key: uuid.UUID, purpose: str) -> int:
    message = f"{key} {purpose}".encode()
    return int.from_bytes(hmac.digest(settings.WORLD_SECRET.encode(), message, hashlib.sha256)[:7])
