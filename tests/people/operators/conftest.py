"""Olga, who operates, and an installation in which all is well."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.operators.models import Pulse, WorkerReport

GB = 2**30
LAYERS = [
    {"name": "no network", "enforced": True, "by": "its own loopback alone", "needed": "weak"},
    {"name": "user of its own", "enforced": True, "by": "uid 70000 of the host", "needed": "strict"},
]


@pytest.fixture
def report(db: None) -> Callable[..., WorkerReport]:
    """A worker that reported just now, but for what is said of it."""

    def make(name: str = "celery@one", ago: float = 1, **changes: Any) -> WorkerReport:
        now = timezone.now()
        told = {
            "host": name.partition("@")[2],
            "pid": 7,
            "started_at": now - timedelta(hours=1),
            "seen_at": now - timedelta(seconds=ago),
            "slots": 2,
            "tier": "strict",
            "required": "strict",
            "layers": LAYERS,
            "disk_free": 60 * GB,
            "disk_total": 100 * GB,
            "memory_free": 4 * GB,
            "memory_total": 8 * GB,
        }
        return WorkerReport.objects.create(name=name, **{**told, **changes})

    return make


@pytest.fixture
def well(report: Callable[..., WorkerReport]) -> datetime:
    """A worker and beat are there; the moment at which they were."""
    report()
    return Pulse.objects.create(name="beat", host="one", at=timezone.now()).at
