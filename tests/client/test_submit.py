"""Handing in, following the judging, and the words of the verdict."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from milepost import server, tree, watching
from milepost.server import Server

from grading.verdict import Verdict
from people.learners.facilities import store
from people.learners.models import Run, Submission

Milepost = Callable[..., Result]
Conclude = Callable[[Run, Verdict], None]
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, conclude: Conclude) -> Callable[[Verdict], None]:
    """While the client waits, the newest run comes to this verdict."""

    def at_work(verdict: Verdict) -> None:
        def judge(seconds: float) -> None:
            run = Run.objects.order_by("pk").last()
            if run and run.state == "queued":
                conclude(run, verdict)

        monkeypatch.setattr(watching, "pause", judge)

    return at_work


def pinned(name: str, text: str) -> None:
    """The text that a learner reads is the one in golden/, but for trailing blanks. REWRITE_GOLDEN=1 writes it anew."""
    told = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("REWRITE_GOLDEN"):
        (GOLDEN / name).write_text(told)
    assert told == (GOLDEN / name).read_text()


def test_a_pass_is_zero_and_opens_the_next(
    in_tiny: Milepost, worker: Callable[[Verdict], None], passed_ingest: Verdict
) -> None:
    worker(passed_ingest)
    told = in_tiny("submit")
    pinned("passed.txt", told.stdout.replace(f"/{Submission.objects.get().pk}/", "/1/"))
    assert told.exit_code == 0
    assert Submission.objects.get().via == "client"
    assert json.loads(in_tiny("status", "--json").stdout)[0]["next"] == "clean"


def test_a_fail_is_one_and_shows_the_first_check_that_does_not_hold(
    in_tiny: Milepost, worker: Callable[[Verdict], None], passed_ingest: Verdict, failed_clean: Verdict
) -> None:
    worker(passed_ingest)
    in_tiny("submit")
    worker(failed_clean)
    told = in_tiny("submit")
    number = Submission.objects.get(number=2).pk
    pinned("failed.txt", told.stdout.replace(f"/{number}/", "/2/"))
    assert told.exit_code == 1
    again = in_tiny("watch", "--json")
    assert (again.exit_code, json.loads(again.stdout)["run"]["outcome"]) == (1, "failed")
    assert in_tiny("watch", "1").exit_code == 0
    missing = in_tiny("watch", "9")
    assert (missing.exit_code, missing.stderr.startswith("There is no submission 9 of yours")) == (2, True)


def test_broken_code_shows_its_last_lines_and_they_move_nothing(
    in_tiny: Milepost, worker: Callable[[Verdict], None], broken_ingest: Verdict
) -> None:
    worker(broken_ingest)
    told = in_tiny("submit")
    pinned("broken.txt", told.stdout.replace(f"/{Submission.objects.get().pk}/", "/1/"))
    assert told.exit_code == 1
    assert "\x1b" not in told.stdout
    assert "\x1b" not in in_tiny("watch", "--json").stdout


def test_no_wait_comes_back_at_once(in_tiny: Milepost) -> None:
    told = in_tiny("submit", "--no-wait", "--json")
    assert (told.exit_code, json.loads(told.stdout)["run"]["state"]) == (0, "queued")
    assert Run.objects.get().state == "queued"


def test_refusals_of_the_server_are_two(in_tiny: Milepost) -> None:
    locked = in_tiny("submit", "clean")
    assert (locked.exit_code, locked.stderr) == (2, "clean is locked: it opens when ingest has passed.\n")
    assert json.loads(in_tiny("submit", "clean", "--json").stdout)["error"]["code"] == "locked"
    Path("table.csv").write_bytes(b"0" * (17 * 2**20))
    assert "table.csv is larger than 16 MB" in in_tiny("submit").stderr
    assert Submission.objects.count() == 0


def test_nothing_is_handed_in_but_the_learners_files(in_tiny: Milepost) -> None:
    for name in ("data/raw/big.csv", "build/ingest/x.py", ".git/HEAD", ".venv/lib/z.py", "pipeline/__pycache__/a.pyc"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x")
    Path("secret.py").symlink_to("/etc/passwd")
    Path("folder").symlink_to("/etc")
    told = in_tiny("submit", "--no-wait")
    assert told.stderr.count("is a link and was left out") == 2
    entries = store().entries(Submission.objects.get().tree)
    assert [entry.path for entry in entries] == ["pipeline/__init__.py", "pipeline/ingest.py"]


def test_equal_folders_make_equal_zips_and_a_forgotten_data_set_is_not_packed(
    in_tiny: Milepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tree.pack(Path()).content
    Path("pipeline/ingest.py").touch()
    assert tree.pack(Path()).content == first
    monkeypatch.setattr(tree, "MAX_BYTES", 10)
    assert "Keep data in data/" in in_tiny("submit").stderr


def test_a_lost_connection_is_waited_out(
    in_tiny: Milepost, worker: Callable[[Verdict], None], passed_ingest: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = server.transport
    assert real is not None
    lost = iter([True, True, True])

    def sometimes(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events") and next(lost, False):
            raise httpx.ReadTimeout("timed out")
        return real.handle_request(request)

    monkeypatch.setattr(server, "transport", httpx.MockTransport(sometimes))
    worker(passed_ingest)
    assert in_tiny("submit").exit_code == 0


def test_a_server_that_stays_away_is_three_and_the_judging_goes_on(
    in_tiny: Milepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Server, path: str, **params: object) -> object:
        raise server.Unreachable("away")

    in_tiny("submit", "--no-wait")
    number = Submission.objects.get().pk
    monkeypatch.setattr(Server, "get", away)
    with pytest.raises(server.Unreachable):
        watching.follow(Server("http://testserver"), number, print)


def test_an_archive_from_the_server_cannot_write_elsewhere(tmp_path: Path) -> None:
    for name in ("../outside", "/outside", "a\\..\\b", "C:/outside"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("good.txt", "x")
            archive.writestr(name, "x")
        with pytest.raises(server.Unreachable, match="outside the folder"):
            tree.unpack(packed, tmp_path / "in")
        assert not (tmp_path / "in").exists()
