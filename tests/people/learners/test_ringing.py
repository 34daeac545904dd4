"""A broker that is away: what was handed in is kept, answered as ever, and judged when the sweep finds it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError
from rest_framework.test import APIClient

from curriculum.models import Project
from people.accounts.models import User
from people.learners.models import Run, RunState

ROOMS = Path(__file__).parents[3]
# What sends a task past people.ringing, and so fails with its broker.
SENDS = re.compile(r"\.(delay|delay_on_commit|apply_async|apply_async_on_commit|send_task)\b")


def test_whoever_calls_a_worker_calls_by_ringing() -> None:
    sources = [path for room in ("config", "frontend", "people") for path in (ROOMS / room).rglob("*.py")]
    found = {str(path.relative_to(ROOMS)) for path in sources if SENDS.search(path.read_text())}
    assert found == {"people/ringing.py"}, "say people.ringing.call, and let a sweep find what is wanted by its row"


@pytest.mark.parametrize("fault", [OperationalError("connection refused"), OSError(28, "No space left on device")])
def test_handing_in_needs_no_broker(
    alice: User,
    tiny: Project,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    fault: Exception,
    hand_in: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object) -> None:
        raise fault

    for name in ("grade_run", "make_worlds"):
        monkeypatch.setattr(f"people.learners.tasks.{name}.delay", refuse)
    client = APIClient()
    client.force_authenticate(alice)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/api/projects/tiny/enrolment")
        told = hand_in(client)
    assert told.status_code == 201, told.content
    assert Run.objects.get().state == RunState.QUEUED
    assert "the broker does not answer" in caplog.text
    page = Client()
    page.force_login(alice)
    assert page.get(f"/submissions/{Run.objects.get().submission_id}/").status_code == 200
