"""A store that cannot be written or read: 503 in words, nothing half-kept, and a run that costs its learner nothing."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIClient

from curriculum.models import Project
from people.accounts.models import User
from people.learners import facilities, intake, repositories, tasks
from people.learners.models import Run, Submission
from people.learners.standing import read_standing
from tests.people.learners.conftest import PIPELINE, Clone

HandIn = Callable[..., Response]
OTHER = {"pipeline/__init__.py": "", "pipeline/ingest.py": "print(6)"}


@pytest.fixture
def fill_disk(tiny: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The store lies on a disk of its own from now on, which can be filled up."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    kept = facilities.Store(disk / "store")
    # What other tests put into their store would need no room any more.
    for number, tree in enumerate((tiny.tree, tiny.starter)):
        assert kept.put(facilities.store().fetch(tree, tmp_path / f"tree-{number}")) == tree
    for name in ("people.learners.intake", "people.learners.repositories", "people.learners.archives"):
        monkeypatch.setattr(f"{name}.store", lambda: kept)

    def fill() -> None:
        with pytest.raises(OSError, match="No space"):
            (disk / "ballast").write_bytes(b"x" * 2**24)

    yield fill
    subprocess.run(["umount", disk], check=True)


def test_a_full_store_takes_nothing_in_by_any_way(
    tiny: Project,
    alice: User,
    api: Callable[[User], APIClient],
    hand_in: HandIn,
    clone: Callable[..., Clone],
    rings: list[object],
    zip_of: Callable[[dict[str, str]], bytes],
    fill_disk: Callable[[], None],
) -> None:
    enrolment = intake.enrol(alice, tiny)
    assert hand_in(api(alice)).status_code == 201
    mine = clone(alice)
    repository = repositories.open_repository(enrolment)
    head = repositories.read_head(repository)
    rings.clear()
    fill_disk()
    refused = api(alice)
    refused.raise_request_exception = False
    answer = hand_in(refused, zip_of(OTHER))
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Retry-After"] == "60"
    assert answer.json()["code"] == "store-unavailable"
    assert "our fault" in answer.json()["detail"]
    assert "Try again" in answer.json()["remedy"]
    mine.commit({"pipeline/ingest.py": "print(7)"})
    code, told = mine.push()
    assert code != 0
    assert "Something failed on our side" in told
    assert Submission.objects.count() == 1
    assert repositories.read_head(repository) == head
    assert rings == []


def test_a_page_says_so_too(
    tiny: Project, alice: User, log_in: Callable[[User], Client], rings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.enrol(alice, tiny)
    monkeypatch.setattr("people.learners.archives.store", lambda: facilities.Store(Path("/proc/none")))
    page = log_in(alice)
    page.raise_request_exception = False
    answer = page.get("/projects/tiny/world.zip")
    assert answer.status_code == 503
    assert "This one is our fault." in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


def test_a_run_whose_tree_is_missing_is_void_with_its_cause_and_costs_no_attempt(
    tiny: Project, alice: User, rings: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    enrolment = intake.enrol(alice, tiny)
    run = intake.submit(enrolment, "ingest", {path: text.encode() for path, text in PIPELINE.items()}, via="test")
    Submission.objects.update(tree="f" * 64)
    for _ in range(3):
        Run.objects.update(rests_until=None)
        tasks.grade_run(run.pk)
    run = Run.objects.get()
    assert (run.state, run.outcome) == ("done", "void")
    assert f'run {run.pk} is void after 3 tries: StoreFault("No folder' in caplog.text
    assert read_standing(enrolment, ["ingest", "clean"], "ingest").attempts.left == settings.MILEPOST_ATTEMPTS
