"""What `manage.py check` warns of, and that right settings for production give it nothing to say."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config import checks
from tests.config.test_settings import start
from tests.config.variables import ROOT, find_settings

SECRET = "a-Secret_of-more-than-fifty-Letters_that-nobody-guesses-0123456789"
PRODUCTION = {
    "SECRET_KEY": SECRET,
    "MILEPOST_WORLD_SECRET": SECRET[::-1],
    "DATABASE_URL": "postgresql://milepost@db.example.org:5432/milepost",
    "BROKER_URL": "redis://queue.example.org:6379/0",
    "CACHE_URL": "redis://queue.example.org:6379/1",
    "MILEPOST_HOSTS": "learn.example.org",
    "MILEPOST_ORIGINS": "https://learn.example.org",
    "MILEPOST_ADDRESS": "https://learn.example.org",
    "MILEPOST_HTTPS": "1",
    "MILEPOST_PROXIES": "1",
    "MILEPOST_MAIL_FROM": "milepost@learn.example.org",
    "EMAIL_URL": "smtp://milepost:word@mail.example.org:587",
}
# What the finders look at.
ASKED = (
    *("MILEPOST_DEMO", "DEBUG", "MILEPOST_ADDRESS", "DATABASES", "CELERY_BROKER_URL", "ALLOWED_HOSTS", "VAR_DIR"),
    *("SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "REST_FRAMEWORK", "EMAIL_BACKEND", "CACHES"),
)
PUBLIC = {"MILEPOST_ADDRESS": "http://learn.example.org"}
# What is set otherwise than in production -> the warning, by its id.
MISTAKES: list[tuple[str, dict[str, str]]] = [
    ("milepost.W001", {"MILEPOST_DEMO": "1"}),
    ("milepost.W002", {**PUBLIC, "MILEPOST_HTTPS": "0", "MILEPOST_DEBUG": "1"}),
    ("milepost.W003", {"DATABASE_URL": "sqlite:////tmp/x.sqlite3"}),
    ("milepost.W004", {"MILEPOST_WORLD_SECRET": ""}),
    ("milepost.W006", {**PUBLIC, "MILEPOST_HTTPS": "0"}),
    ("milepost.W007", {"MILEPOST_HOSTS": "other.example.org"}),
    ("milepost.W008", {"MILEPOST_SANDBOX": "weak"}),
    ("milepost.W020", {"MILEPOST_HOSTS": "*"}),
    ("milepost.W021", {"MILEPOST_PROXIES": "0"}),
    ("milepost.W022", {"CACHE_URL": "locmem://"}),
    ("milepost.W023", {"EMAIL_URL": ""}),
]


@pytest.mark.slow
def test_right_settings_for_production_give_the_check_nothing_to_say(tmp_path: Path) -> None:
    ended = check(tmp_path, PRODUCTION, "--deploy", "--fail-level", "WARNING")
    assert ended.returncode == 0, ended.stderr
    assert "no issues (0 silenced)" in ended.stdout


@pytest.mark.slow
def test_the_small_installation_gives_the_check_nothing_to_say(tmp_path: Path) -> None:
    ended = check(tmp_path, {"MILEPOST_DEMO": "1"}, "--fail-level", "WARNING")
    assert ended.returncode == 0, ended.stderr
    assert "no issues (0 silenced)" in ended.stdout


@pytest.mark.slow
def test_all_mistakes_together_are_all_told_with_a_remedy_each(tmp_path: Path) -> None:
    """In one process, since each costs seconds; one by one below."""
    mistakes = {
        name: value for number, given in MISTAKES if number not in {"milepost.W007"} for name, value in given.items()
    }
    ended = check(tmp_path, {**PRODUCTION, **mistakes}, "--deploy", "--fail-level", "WARNING")
    assert ended.returncode == 1
    told = {
        line.split(")")[0].removeprefix("?: (") for line in ended.stderr.splitlines() if line.startswith("?: (milep")
    }
    # Without HTTPS nobody asks for proxies.
    assert told == {number for number, _given in MISTAKES} - {"milepost.W007", "milepost.W021"}
    assert ended.stderr.count("HINT: ") >= len(told)
    assert SECRET not in ended.stderr


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(("number", "given"), MISTAKES)
def test_each_mistake_is_told_by_its_number(
    number: str, given: Mapping[str, str], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(settings, start(PRODUCTION, tmp_path, monkeypatch))
    assert find() == set()
    use(settings, start({**PRODUCTION, **given}, tmp_path, monkeypatch))
    assert number in find()


def test_every_warning_has_a_mistake_or_a_test_of_its_own() -> None:
    assert checks.FINDERS.keys() == {number for number, _given in MISTAKES} | {"milepost.W005"}


def test_a_secret_that_others_can_read_is_told(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    (tmp_path / "secret-key").write_text("x")
    (tmp_path / "secret-key").chmod(0o640)
    assert str(tmp_path / "secret-key") in checks.find_open_secrets()
    (tmp_path / "secret-key").chmod(0o600)
    assert checks.find_open_secrets() == ""


def test_hosts_are_matched_as_django_matches_them(settings: Any) -> None:
    for address, hosts, told in (
        ("http://localhost:8000", ["localhost"], False),
        ("http://[::1]:8000", ["[::1]"], False),
        ("https://a.example.org", [".example.org"], False),
        ("https://example.org", [".example.org"], False),
        ("https://badexample.org", [".example.org"], True),
        ("https://a.example.org", ["example.org"], True),
    ):
        settings.MILEPOST_ADDRESS, settings.ALLOWED_HOSTS = address, hosts
        assert bool(checks.find_unserved_address()) is told


def find() -> set[str]:
    return {number for number, (finder, _remedy) in checks.FINDERS.items() if finder()}


def use(settings: Any, read: Mapping[str, Any]) -> None:
    """Settings as a process would have read them."""
    for name in ASKED:
        setattr(settings, name, read[name])


def check(var: Path, given: Mapping[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name not in find_settings()}
    told = {**kept, "MILEPOST_VAR": str(var), **given}
    command = [sys.executable, "manage.py", "check", *words]
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=120)
