"""The command line as the cast use it: real commands, the real server behind them, no network and no waiting."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from milepost import server, speech, watching
from milepost.cli import app
from typer.testing import CliRunner

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import ledger
from people.learners.models import Run

ADDRESS = "http://testserver"
Milepost = Callable[..., Result]
SERVED = httpx.WSGITransport(app=get_wsgi_application())


@pytest.fixture
def connection_of_the_test(db: None) -> Iterator[None]:
    """As Django's own test client does it: the end of a request does not close what the test goes on with."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def milepost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, connection_of_the_test: None, rings: list[object]
) -> Milepost:
    """Run `milepost …` in an empty folder, with a home of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("MILEPOST_EXAMINER", raising=False)
    monkeypatch.delenv("MILEPOST_TOKEN", raising=False)
    monkeypatch.delenv("MILEPOST_SERVER", raising=False)
    monkeypatch.setattr(server, "transport", SERVED)
    monkeypatch.setattr(watching, "pause", lambda seconds: None)
    for console in (speech.out, speech.err):
        monkeypatch.setattr(console, "width", 100)

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, words, input=typed)

    return run


@pytest.fixture
def as_alice(milepost: Milepost, alice: User, tiny: Project) -> Milepost:
    """Alice's command line, logged in."""
    assert milepost("login", ADDRESS, "--token", issue_token(alice, "test")).exit_code == 0
    return milepost


@pytest.fixture
def in_tiny(as_alice: Milepost, monkeypatch: pytest.MonkeyPatch) -> Milepost:
    """Alice's command line, in the folder of her project."""
    assert as_alice("start", "tiny").exit_code == 0
    monkeypatch.chdir("tiny")
    return as_alice


@pytest.fixture
def conclude() -> Callable[[Run, Verdict], None]:
    """Play the worker with all that a real one says on the way: how each milestone ended, and why."""

    def play(run: Run, verdict: Verdict) -> None:
        claimed = ledger.claim(run.pk)
        assert claimed is not None
        for link in verdict.chain:
            ledger.note_event(claimed, link.kind, "running your code")
            ledger.note_event(claimed, link.kind, f"{link.outcome}: {link.sentence}")
        ledger.record(claimed, verdict)

    return play
