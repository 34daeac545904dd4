"""The cast and the ground that tests stand on: a var folder of its own, a fast hasher, nothing queued by surprise."""

import gc
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

os.environ["MILEPOST_VAR"] = tempfile.mkdtemp(prefix="milepost-test-")
os.environ.setdefault("MILEPOST_WARM", "0")
os.environ.setdefault("DATABASE_URL", "sqlite:////" + os.environ["MILEPOST_VAR"].strip("/") + "/test.sqlite3")

import hypothesis
import pytest
from django.conf import settings as live_settings
from django.core.cache import cache as kept_meanwhile
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import Client
from servestatic.middleware import ServeStaticMiddleware

from curriculum.models import Project
from curriculum.package import ProjectPackage, load
from curriculum.publish import publish
from grading.verdict import Answer, CheckResult, MilestoneVerdict, Outcome, Usage, Verdict
from people.accounts.models import User
from people.learners import ledger
from people.learners.facilities import store
from people.learners.models import Run
from tests.once import begin_migrated, keep_migrated, look_once

# pytest-django has read the settings before this file: what the tests keep must not go into the developer's own store.
live_settings.VAR_DIR = Path(os.environ["MILEPOST_VAR"])
live_settings.STORE_DIR = live_settings.VAR_DIR / "store"
live_settings.REPOSITORIES_DIR = live_settings.VAR_DIR / "repositories"
if live_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in the product: a table of a database in memory is "locked" without waiting for whoever writes.
    live_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(live_settings.VAR_DIR / "tests.sqlite3")

# How quickly examples come is the host's to say, and what else it does: time is measured by benchmarks.
hypothesis.settings.register_profile(
    "whatever-the-host-does", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("whatever-the-host-does")

ROOT = Path(__file__).resolve().parent.parent
SLOW_TIERS = ("browser", "services", "attack", "slow")


def _let_lines_go(flush: Callable[..., None]) -> Callable[..., None]:
    """What tests leave behind is taken away whole; nothing of the product does that, and SQLite would refuse."""

    def empty(operations: DatabaseOperations, sql_list: list[str]) -> None:
        with operations.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            flush(operations, sql_list)
            for _name, sql in triggers:
                cursor.execute(sql)

    return empty


DatabaseOperations.execute_sql_flush = _let_lines_go(DatabaseOperations.execute_sql_flush)  # type: ignore[method-assign]
ServeStaticMiddleware.add_files_from_finders = look_once(ServeStaticMiddleware.add_files_from_finders)  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """What is collected stays to the end: nobody looks through it for what could be freed, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Whether the database begins as an earlier run's migrations left one."""
    database = live_settings.DATABASES["default"]
    on_file = database["ENGINE"].endswith("sqlite3")
    if on_file:
        begin_migrated(Path(database["TEST"]["NAME"]))
    return on_file


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool) -> None:
    """What was migrated now, a later run begins with."""
    if django_db_keepdb:
        keep_migrated(Path(live_settings.DATABASES["default"]["TEST"]["NAME"]))


@pytest.fixture(autouse=True)
def _quick_and_quiet(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    kept_meanwhile.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[object, ...]]]:
    """Instead of ringing for a worker, what would have been rung for."""
    heard: list[tuple[str, tuple[object, ...]]] = []
    for name in ("grade_run", "grade_this", "make_worlds", "make_loan", "look_at_world", "look_at_work", "rehearse"):
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
def olga(make_user: Callable[[str], User]) -> User:
    """Who operates the installation."""
    user = make_user("olga")
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def log_in() -> Callable[[User], Client]:
    def as_user(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return as_user


@cache
def keep_tiny() -> tuple[ProjectPackage, str, str]:
    package = load(ROOT / "tests" / "fixtures" / "packages" / "tiny")
    return package, store().put(package.folder), store().put(package.folder / "starter")


@pytest.fixture
def tiny(db: None) -> Project:
    """A published project of two milestones, ingest and clean, small enough for any test."""
    return publish(*keep_tiny())


@pytest.fixture
def newer_folder(tmp_path: Path) -> Path:
    """Edition 2 of tiny, in which clean asks one thing more: a copy of it with other files laid over."""
    fixtures = ROOT / "tests" / "fixtures"
    folder = shutil.copytree(fixtures / "packages" / "tiny", tmp_path / "tiny-2")
    return shutil.copytree(fixtures / "editions" / "tiny-2", folder, dirs_exist_ok=True)


@pytest.fixture
def publish_newer(newer_folder: Path) -> Callable[[], Project]:
    """Publish edition 2 of tiny."""
    package = load(newer_folder)
    return lambda: publish(package, store().put(newer_folder), store().put(newer_folder / "starter"))


@pytest.fixture
def zip_of() -> Callable[[dict[str, str]], bytes]:
    """A zip of these files, by path and text."""

    def pack(files: dict[str, str]) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return packed.getvalue()

    return pack


@pytest.fixture
def conclude() -> Callable[[Run, Verdict], None]:
    """Play the worker: claim the run, say what happens, record this verdict."""

    def play(run: Run, verdict: Verdict) -> None:
        claimed = ledger.claim(run.pk)
        assert claimed is not None
        for link in verdict.chain:
            ledger.note_event(claimed, link.kind, "running your code")
        ledger.record(claimed, verdict)

    return play


@pytest.fixture
def failed_clean() -> Verdict:
    """Ingest holds, and clean answers one check with no and never comes to another."""
    lines = CheckResult("every_line_is_there", "Every line is a number.", Answer.HELD, skills=("acquire-data",))
    twice = CheckResult(
        "no_number_appears_twice",
        "Each number is there once.",
        Answer.FAILED,
        "A number is there twice, so Tom counts it twice.",
        expected="4 numbers",
        found="5 numbers",
        details=({"kind": "double", "missed": "1 of 1"},),
        skills=("clean",),
    )
    order = CheckResult("they_are_in_order", "They are in order.", Answer.NOT_ASKED)
    chain = (
        MilestoneVerdict(
            "ingest",
            Outcome.PASSED,
            "All 1 checks of ingest hold.",
            (lines,),
            Usage(0.4, 0.6, 41),
            found_by_digest=True,
        ),
        MilestoneVerdict("clean", Outcome.FAILED, twice.sentence, (twice, order), Usage(1.25, 1.5, 64)),
    )
    return Verdict("clean", Outcome.FAILED, twice.sentence, chain, digests={"tree": "a" * 64})


@pytest.fixture
def passed_ingest() -> Verdict:
    held = CheckResult("every_line_is_there", "Every line is a number.", Answer.HELD, skills=("acquire-data",))
    link = MilestoneVerdict("ingest", Outcome.PASSED, "All 1 checks of ingest hold.", (held,), Usage(0.4, 0.6, 41))
    return Verdict("ingest", Outcome.PASSED, link.sentence, (link,), digests={"tree": "a" * 64})


@pytest.fixture
def broken_ingest() -> Verdict:
    """Code that stops with a traceback, and prints what no terminal should obey."""
    printed = (
        'Traceback (most recent call last):\n  File "pipeline/ingest.py", line 3\n\x1b[31mValueError: [bold]five[/bold]'
    )
    sentence = "Your ingest stopped with an error: ValueError: [bold]five[/bold]"
    link = MilestoneVerdict("ingest", Outcome.BROKEN, sentence, usage=Usage(0.1, 0.2, 20), output=printed)
    return Verdict("ingest", Outcome.BROKEN, sentence, (link,))
