"""Handing in, following the judging, and the words of the verdict."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from django.conf import LazySettings
from milepost import server, tree, watching
from milepost.outcomes import WORDS
from milepost.server import Server

from frontend.words import MILESTONE_STATES
from grading.verdict import Answer, CheckResult, MilestoneVerdict, Outcome, Verdict
from people.learners.facilities import store
from people.learners.ledger import SENTENCE_OF_VOID
from people.learners.models import Run, Submission

Milepost = Callable[..., Result]
Conclude = Callable[[Run, Verdict], None]
GOLDEN = Path(__file__).parent / "golden"


class Lossy(httpx.BaseTransport):
    """Brings what is handed in to the server, and loses so many of its answers."""

    def __init__(self, inner: httpx.BaseTransport, losses: int) -> None:
        self.inner, self.losses, self.keys = inner, losses, list[str]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        if request.method == "POST" and request.url.path.endswith("/submissions"):
            self.keys.append(request.headers["Idempotency-Key"])
            if len(self.keys) <= self.losses:
                raise httpx.ReadTimeout("lost", request=request)
        return answer


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


@pytest.mark.parametrize("tries_lost", [1, 3])
def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_handed_in_twice(
    in_tiny: Milepost, monkeypatch: pytest.MonkeyPatch, tries_lost: int
) -> None:
    lossy = Lossy(server.transport, tries_lost)
    waits: list[float] = []
    monkeypatch.setattr(server, "transport", lossy)
    monkeypatch.setattr(server, "pause", waits.append)
    told = in_tiny("submit", "--no-wait")
    assert (told.exit_code, Submission.objects.count()) == (0, 1), told.stderr
    assert "as submission 1" in told.stdout
    assert waits == list(server.TRIES_AFTER_S[:tries_lost])
    assert len(set(lossy.keys)) == 1


def test_a_connection_that_stays_lost_is_said_so(in_tiny: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "transport", Lossy(server.transport, 99))
    monkeypatch.setattr(server, "pause", lambda _seconds: None)
    told = in_tiny("submit", "--no-wait")
    assert (told.exit_code, "cannot be reached" in told.stderr) == (3, True)
    assert Submission.objects.count() == 1


def test_a_fail_is_one_and_shows_the_check_that_does_not_hold(
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


@pytest.fixture
def failed_ingest() -> Verdict:
    """Three checks that do not hold: the first is the verdict's sentence, the last says the same as the second."""
    first = CheckResult("a", "Every line is there.", Answer.FAILED, "Two lines are gone.", details=({"line": 3},))
    second = CheckResult("b", "Lines are numbers.", Answer.FAILED, "A line is [bold]no\x1b[31m number.", expected="5")
    second = replace(second, found="x" * 81, details=({"line": 7},))
    third = replace(second, name="c", question="Numbers are whole.", required=False)
    link = MilestoneVerdict("ingest", Outcome.FAILED, first.sentence, (first, second, third))
    return Verdict("ingest", Outcome.FAILED, first.sentence, (link,))


def test_every_check_that_does_not_hold_says_why_and_none_says_it_twice(
    in_tiny: Milepost, worker: Callable[[Verdict], None], failed_ingest: Verdict
) -> None:
    worker(failed_ingest)
    told = in_tiny("submit")
    pinned("several.txt", told.stdout.replace(f"/{Submission.objects.get().pk}/", "/1/"))
    assert told.stdout.count("Two lines are gone.") == told.stdout.count("A line is ") == 1
    assert "\x1b" not in told.stdout


def test_a_sentence_within_the_verdicts_own_is_not_said_again(
    in_tiny: Milepost, worker: Callable[[Verdict], None], passed_ingest: Verdict, failed_clean: Verdict
) -> None:
    worker(passed_ingest)
    in_tiny("submit")
    blamed = "Look at your ingest: it passed, and yet a number is there twice, so Tom counts it twice."
    worker(replace(failed_clean, sentence=blamed, guilty="ingest"))
    told = in_tiny("submit").stdout
    assert blamed in told
    assert told.count("so Tom counts it twice.") == 1


def test_when_all_have_passed_there_is_no_next_milestone_to_read(
    in_tiny: Milepost, worker: Callable[[Verdict], None], passed_ingest: Verdict
) -> None:
    worker(passed_ingest)
    in_tiny("submit")
    [ingest] = passed_ingest.chain
    clean = replace(ingest, kind="clean")
    worker(replace(passed_ingest, kind="clean", chain=(ingest, clean)))
    assert in_tiny("submit").stdout.endswith("\nEvery milestone of Tiny has passed.\n")


def test_a_pass_stays_zero_when_the_next_step_cannot_be_asked_for(
    in_tiny: Milepost, worker: Callable[[Verdict], None], passed_ingest: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(passed_ingest)
    in_tiny("submit")
    real = Server.list

    def away(self: Server, path: str, **params: str | int) -> list[dict[str, object]]:
        if path == "/api/enrolments":
            raise server.Unreachable("away")
        return real(self, path, **params)

    monkeypatch.setattr(Server, "list", away)
    told = in_tiny("watch")
    assert (told.exit_code, told.stdout.splitlines()[-1]) == (0, "Go on with: milepost status")


def test_our_own_fault_is_three_and_says_so_in_the_webs_words(
    in_tiny: Milepost, worker: Callable[[Verdict], None], settings: LazySettings
) -> None:
    settings.VOID_RETRIES = 0
    sentence = "Something went wrong on our side."
    link = MilestoneVerdict("ingest", Outcome.VOID, sentence)
    worker(Verdict("ingest", Outcome.VOID, sentence, (link,)))
    told = in_tiny("submit")
    assert told.exit_code == 3
    assert f"\ningest: Our fault, not counted\n{SENTENCE_OF_VOID}\n" in told.stdout
    assert json.loads(in_tiny("watch", "--json").stdout)["run"]["outcome"] == "void"


def test_the_words_are_the_webs() -> None:
    assert {state: str(mark.word) for state, mark in MILESTONE_STATES.items()} == WORDS


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
    assert (locked.exit_code, locked.stderr.splitlines()[0]) == (2, "clean is locked: it opens when ingest has passed.")
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
