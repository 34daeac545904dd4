"""The cast and the ground that tests stand on: a var folder of its own, a fast hasher, nothing queued by surprise."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["MILEPOST_VAR"] = tempfile.mkdtemp(prefix="milepost-test-")
os.environ.setdefault("DATABASE_URL", "sqlite:////" + os.environ["MILEPOST_VAR"].strip("/") + "/test.sqlite3")

import pytest
from django.test import Client

from people.accounts.models import User

ROOT = Path(__file__).resolve().parent.parent
SLOW_TIERS = ("browser", "services", "attack", "slow")


@pytest.fixture(autouse=True)
def _quick_and_quiet(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[object, ...]]]:
    """Instead of ringing for a worker, what would have been rung for."""
    heard: list[tuple[str, tuple[object, ...]]] = []
    for name in ("grade_run", "make_worlds"):
        task = f"people.learners.tasks.{name}.delay"
        monkeypatch.setattr(task, lambda *given, name=name: heard.append((name, given)))
    return heard


@pytest.fixture
def make_user(db: None) -> Callable[[str], User]:
    return lambda name: User.objects.create_user(username=name, password="a long password", first_name=name.title())


@pytest.fixture
def alice(make_user: Callable[[str], User]) -> User:
    """A learner."""
    return make_user("alice")


@pytest.fixture
def bob(make_user: Callable[[str], User]) -> User:
    """Another learner, in the same cohort."""
    return make_user("bob")


@pytest.fixture
def charlie(make_user: Callable[[str], User]) -> User:
    """An outsider."""
    return make_user("charlie")


@pytest.fixture
def dana(make_user: Callable[[str], User]) -> User:
    """An instructor."""
    return make_user("dana")


@pytest.fixture
def erin(make_user: Callable[[str], User]) -> User:
    """An employer."""
    return make_user("erin")


@pytest.fixture
def log_in() -> Callable[[User], Client]:
    def as_user(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return as_user
