"""Readiness: which part fails, in bounded time and without a secret; and who may read the metrics."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import health


@pytest.fixture(autouse=True)
def _asked_anew(settings: Any, tmp_path: Path) -> None:
    health.Answer.at = float("-inf")
    settings.BROKER_DIR = tmp_path / "broker"


def ask() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


WELL = {"database": "ok", "migrations": "ok", "broker": "ok", "store": "ok"}


def test_all_parts_answer_and_are_not_asked_again_at_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask() == (200, {"status": "ok", "parts": WELL})
    monkeypatch.setattr(health, "try_parts", lambda: pytest.fail("asked again within a second"))
    assert ask()[0] == 200


def test_a_dead_database_is_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("connection to milepost:hunter2222@db failed")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(CursorWrapper, "execute", refuse)
        status, told = ask()
    assert status == 503
    assert told["parts"] == {**WELL, "database": "does not answer", "migrations": "not known"}
    assert "hunter" not in str(told)
    assert Client().get("/healthz").status_code == 200, "the process itself lives"


def test_a_migration_that_is_missing_is_counted(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = dict(MigrationRecorder.applied_migrations(MigrationRecorder(health.connection)))
    applied.pop(("operators", "0001_initial"))
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: applied)
    assert ask() == (503, {"status": "not ready", "parts": {**WELL, "migrations": "1 not applied"}})


def test_a_store_that_cannot_be_written_is_named(db: None, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.STORE_DIR = tmp_path / "file"
    assert ask()[1]["parts"]["store"] == "cannot be written"


@pytest.fixture
def mute() -> Iterator[int]:
    """A port that takes calls and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
@pytest.mark.parametrize("silent", [True, False])
def test_a_broker_that_is_dead_or_silent_is_named_in_time(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, mute: int, scheme: str, silent: bool
) -> None:
    address = f"{scheme}://milepost:hunter2222@127.0.0.1:{mute if silent else 9}//"
    settings.CELERY_BROKER_URL = address
    monkeypatch.setattr(
        health.app, "connection_for_write", lambda **options: health.app.connection_for_read(address, **options)
    )
    begun = time.monotonic()
    status, told = ask()
    assert time.monotonic() - begun < 4
    assert status == 503
    assert told["parts"] == {**WELL, "broker": "does not answer"}
    assert "hunter" not in str(told)


def test_metrics_are_for_this_machine_or_for_who_holds_the_token(db: None, settings: Any) -> None:
    def ask_for(address: str = "127.0.0.1", token: str = "", **extra: str) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Client().get("/metrics", headers={**headers, **extra}, REMOTE_ADDR=address).status_code

    assert [ask_for(address) for address in ("127.0.0.1", "::1", "10.0.0.7", "")] == [200, 200, 404, 404]
    assert ask_for(**{"X-Forwarded-For": "203.0.113.7"}) == 404, "who comes by a proxy is of elsewhere"
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    assert ask_for() == 404
    settings.METRICS_TOKEN = "a-long-token"
    assert [ask_for("10.0.0.7", token) for token in ("", "wrong", "a-long-token")] == [401, 401, 200]
