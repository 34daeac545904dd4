"""A backup of a used installation, read into an empty one: the learner goes on as if nothing had been."""

import io
import stat
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.people.learners.installations import ASK, LOOK, PUBLISH, SUBMIT, Installation, describe

SERVER = "postgresql://postgres@127.0.0.1:5432"


@pytest.fixture
def name_database(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Names databases of this test's own on the PostgreSQL of this machine, which go with it."""
    made: list[str] = []

    def name(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/{uuid.uuid4().hex}/milepost.sqlite3"
        made.append(f"backup_{uuid.uuid4().hex[:12]}")
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {made[-1]}")
        return f"{SERVER}/{made[-1]}"

    yield name
    for database in made:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
            server.execute(f"DROP DATABASE {database} WITH (FORCE)")


def install(var: Path, database: str) -> Installation:
    var.mkdir(parents=True)
    if database.startswith("sqlite"):
        Path(database.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True)
    return describe(var, DATABASE_URL=database)


@pytest.mark.parametrize(
    "kind", [pytest.param("sqlite", marks=pytest.mark.slow), pytest.param("postgresql", marks=pytest.mark.services)]
)
def test_what_was_backed_up_goes_on_elsewhere(tmp_path: Path, name_database: Callable[[str], str], kind: str) -> None:
    first = install(tmp_path / "first", name_database(kind))
    first.manage("migrate", "--verbosity", "0")
    first.run(PUBLISH)
    first.run(SUBMIT, "one.txt", "by-hand")
    before, seen = first.run(ASK), first.run(LOOK)
    assert [run["outcome"] for run in before] == ["passed"]
    made = first.script("backup", str(tmp_path))
    assert made.returncode == 0, made.stderr
    (backup,) = tmp_path.glob("milepost-*.tar")
    assert f"{backup}: " in made.stdout
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    second = install(tmp_path / "second", name_database(kind))
    read = second.script("restore", str(backup))
    assert read.returncode == 0, read.stderr
    assert second.run(ASK) == before
    assert second.run(LOOK) == seen
    second.run(SUBMIT, "two.txt", "by-hand")
    assert [(run["outcome"], run["world"] is not None) for run in second.run(ASK)] == [("passed", True)] * 2
    refused = second.script("restore", str(backup))
    assert "is not empty: the database has tables, there are repositories" in refused.stderr
    assert len(second.run(ASK)) == 2
    read = second.script("restore", str(backup), "--replace")
    assert read.returncode == 0, read.stderr
    assert second.run(ASK) == before
    # The same secrets, so the same worlds: what is handed in now is judged on the draw that was made before.
    for secret in ("secret-key", "world-secret"):
        assert (tmp_path / "second" / secret).read_text() == (tmp_path / "first" / secret).read_text()
        assert stat.S_IMODE((tmp_path / "second" / secret).stat().st_mode) == 0o600
    assert list((tmp_path / "second").glob("restoring-*")) == []


@pytest.mark.slow
def test_a_backup_that_lacks_something_or_belongs_elsewhere_is_told_apart(
    tmp_path: Path, name_database: Callable[[str], str]
) -> None:
    first = install(tmp_path / "first", name_database("sqlite"))
    first.manage("migrate", "--verbosity", "0")
    first.run(PUBLISH)
    tree = next((tmp_path / "first" / "store" / "trees").glob("*/*"))
    tree.unlink()
    backup = tmp_path / "backup.tar"
    assert first.script("backup", str(backup)).returncode == 0
    for target, words in ((backup, "is there already"), ("/proc/nowhere/backup.tar", "No such file")):
        refused = first.script("backup", str(target))
        assert (refused.returncode, "No backup was made" in refused.stderr, words in refused.stderr) == (1, True, True)
    second = install(tmp_path / "second", name_database("sqlite"))
    damaged, none = spoil(backup, tmp_path / "damaged.tar"), tmp_path / "none.tar"
    for file, words in ((damaged, "damaged, at store/blobs/"), (none, "There is no file"), (cut(backup), "cannot be")):
        refused = second.script("restore", str(file))
        assert (refused.returncode, "Not restored" in refused.stderr, words in refused.stderr) == (1, True, True)
    other = Installation({**second.environment, "MILEPOST_WORLD_SECRET": "another, and long enough"})
    assert "MILEPOST_WORLD_SECRET is another than the backup's" in other.script("restore", str(backup)).stderr
    read = second.script("restore", str(backup))
    assert read.returncode == 1
    assert "Restored, but 1 folders that the database names are not in the store" in read.stderr


@pytest.mark.slow
def test_a_backup_that_is_made_while_work_comes_in_is_whole(
    tmp_path: Path, name_database: Callable[[str], str]
) -> None:
    first = install(tmp_path / "first", name_database("sqlite"))
    first.manage("migrate", "--verbosity", "0")
    first.run(PUBLISH)
    busy = subprocess.Popen(
        [sys.executable, "-c", MANY, str(tmp_path / "stop")],
        cwd=Path(__file__).resolve().parents[3],
        env=first.environment,
    )
    try:
        backups = [tmp_path / f"{number}.tar" for number in range(2)]
        for backup in backups:
            made = first.script("backup", str(backup))
            assert made.returncode == 0, made.stderr
    finally:
        (tmp_path / "stop").touch()
        busy.wait(60)
    assert busy.returncode == 0
    other = install(tmp_path / "other", name_database("sqlite"))
    for backup in backups:
        read = other.script("restore", str(backup), "--replace")
        assert read.returncode == 0, read.stderr
    assert len(other.run(ASK)) > 0


MANY = """
import sys, time, django; django.setup()
from pathlib import Path
from curriculum.models import Project
from people.accounts.models import User
from people.learners import intake, tasks
for task in (tasks.make_worlds, tasks.grade_run): task.delay = lambda *given: None
enrolment = intake.enrol(User.objects.get(username="alice"), Project.objects.get(slug="tiny"))
number = 0
while not Path(sys.argv[1]).exists():
    number += 1
    intake.submit(enrolment, "ingest", {"pipeline/ingest.py": b"%d" % number}, via="test")
    time.sleep(0.05)
"""


def spoil(backup: Path, copy: Path) -> Path:
    """The same backup with one byte of one kept file changed."""
    with tarfile.open(backup) as source, tarfile.open(copy, "w") as target:
        for member in source:
            content = source.extractfile(member).read() if member.isfile() else b""  # type: ignore[union-attr]
            if member.name.startswith("store/blobs/") and content:
                content = bytes([content[0] ^ 1]) + content[1:]
            target.addfile(member, io.BytesIO(content))
    return copy


def cut(backup: Path) -> Path:
    """The first half of a backup."""
    half = backup.with_name("half.tar")
    half.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    return half
