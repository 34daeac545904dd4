"""Judging on the learner's own machine: real commands, the real engine, a bench from the real server."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result
from milepost import environments, server
from milepost.bench import cache_home

from curriculum.models import Project
from curriculum.package import load
from grading.facilities import Facilities, open_package
from grading.sandboxes.bare import Bare
from grading.world import World, make_world
from people.accounts.models import User
from people.learners import trials
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import Enrolment, Submission

Milepost = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "tests" / "fixtures" / "packages" / "tiny" / "reference"
WITH = ("--python", sys.executable, "--no-jail")
# Each of these judges with the real engine, in processes of their own.
pytestmark = pytest.mark.slow
KEEPS_DOUBLES = "sorted(set(numbers))", "sorted(numbers)"


@pytest.fixture
def world(tiny: Project, alice: User) -> Callable[[], World]:
    """Alice's practice world, once she is enrolled."""
    return lambda: make_world(
        open_package(store(), tiny.tree), draw_for(Enrolment.objects.get(user=alice), PRACTICE), store()
    )


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def at_work(in_tiny: Milepost, world: Callable[[], World], cache: Path, monkeypatch: pytest.MonkeyPatch) -> Milepost:
    """Alice, in a folder that solves her project, on a machine that can judge and has done so before."""
    world()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("MILEPOST_EXAMINER", sys.executable)
    shutil.copytree(REFERENCE, ".", dirs_exist_ok=True)
    return in_tiny


@pytest.fixture
def breaking(at_work: Milepost) -> Milepost:
    """The same with code that breaks at once: no check needs to be asked, which takes longest."""
    spoil("ingest", "numbers = ", "raise SystemExit(9); numbers = ")
    return at_work


@pytest.fixture
def on_a_new_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at_work: Milepost) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def spoil(module: str, *change: str) -> None:
    path = Path("pipeline", f"{module}.py")
    path.write_text(path.read_text().replace(*change))


def test_a_right_tree_passes_here_as_it_would_there_and_is_found_the_second_time(
    at_work: Milepost, world: Callable[[], World]
) -> None:
    told = at_work("check", "clean", *WITH)
    assert told.exit_code == 0
    assert "\nclean: Passed\nThe one check of clean holds.\n" in told.stdout
    assert "Your code runs unjailed here" in told.stdout
    assert told.stdout.endswith("Go on with: milepost submit\n")

    again = json.loads(at_work("check", "clean", "--json", *WITH).stdout)
    assert [link["found_by_digest"] for link in again["run"]["chain"]] == [True, True]
    assert again["run"]["digests"]["world"] == world().digest
    at_work("submit", "--no-wait", "-m", "the first")
    assert again["tree"] == again["run"]["digests"]["tree"] == Submission.objects.get().tree


def test_a_check_that_does_not_hold_is_one_and_speaks_the_verdicts_words(at_work: Milepost) -> None:
    spoil("clean", *KEEPS_DOUBLES)
    told = at_work("check", "clean", *WITH)
    assert told.exit_code == 1
    assert "\nclean: Not passed\nA number is there twice, so Tom counts it twice.\n" in told.stdout
    assert "✗ Each number is there once.\n" in told.stdout
    assert told.stdout.endswith("Go on with: milepost brief clean\n")


def test_the_next_milestone_is_the_one_that_is_judged(breaking: Milepost) -> None:
    told = json.loads(breaking("check", "--json", *WITH).stdout)
    assert (told["kind"], told["run"]["outcome"]) == ("ingest", "broken")


def test_broken_code_shows_its_own_lines_under_their_own_names(at_work: Milepost) -> None:
    spoil("ingest", "int(line)", "int(line, base=99)")
    told = at_work("check", *WITH)
    assert told.exit_code == 1
    assert "(pipeline/ingest.py, line 9)" in told.stdout
    assert "  | " in told.stdout
    assert str(cache_home()) not in told.stdout


def test_what_lies_elsewhere_on_the_machine_is_told_as_the_graders_paths(at_work: Milepost) -> None:
    spoil("ingest", "numbers = ", "import os; print(os.getcwd(), told.raw); 1 / 0; numbers = ")
    link = json.loads(at_work("check", "--json", *WITH).stdout)["run"]["chain"][-1]
    assert "/work/in/raw" in link["output"]
    assert str(cache_home()) not in link["output"]


@pytest.mark.usefixtures("on_a_new_machine")
def test_it_works_without_the_server_once_it_has_worked_with_it(
    breaking: Milepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = breaking("check", "--offline", *WITH)
    assert (never.exit_code, "was never fetched" in never.stderr) == (2, True)
    assert breaking("check", *WITH).exit_code == 1

    monkeypatch.setattr(server, "transport", None)
    away = breaking("check", *WITH)
    assert "cannot be reached" in away.stderr
    assert "Going on with what was fetched before." in away.stderr
    offline = json.loads(breaking("check", "--offline", "--json", *WITH).stdout)
    # Nobody can say which milestone is next, so all are judged in turn.
    assert (offline["kind"], offline["run"]["outcome"]) == ("clean", "broken")
    shutil.rmtree("data")
    without = breaking("check", "--offline", *WITH)
    assert (without.exit_code, without.stderr.splitlines()[-1]) == (2, "milepost world")


@pytest.mark.usefixtures("on_a_new_machine")
def test_a_bench_that_is_the_newest_is_not_fetched_again(breaking: Milepost) -> None:
    breaking("check", *WITH)
    [bench] = (cache_home() / "benches").iterdir()
    (bench / "engine" / "mark").touch()
    breaking("check", *WITH)
    assert (bench / "engine" / "mark").exists()


def test_a_world_that_was_changed_is_told_from_one_that_was_not(breaking: Milepost) -> None:
    assert breaking("world").exit_code == 0
    assert json.loads(breaking("check", "--json", *WITH).stdout)["differences"][-1].startswith(
        "Your code runs unjailed"
    )
    Path("data/raw/numbers.txt").write_text("1\n2\n1")
    assert "data/ is not as it was fetched" in breaking("check", *WITH).stdout


@pytest.fixture
def move_over(publish_newer: Callable[[], Project]) -> Callable[[], None]:
    """Edition 2 comes out, Alice goes over to it, and her world in it is made."""

    def move() -> None:
        newer = publish_newer()
        trials.move_over(Enrolment.objects.get())
        make_world(open_package(store(), newer.tree), draw_for(Enrolment.objects.get(), PRACTICE), store())

    return move


@pytest.mark.usefixtures("on_a_new_machine")
def test_a_world_of_an_edition_that_you_left_is_told_with_what_to_run(
    breaking: Milepost, move_over: Callable[[], None]
) -> None:
    breaking("world")
    assert breaking("check", *WITH).exit_code == 1
    move_over()
    for words in ((), ("--offline",)):
        told = breaking("check", *words, *WITH)
        assert (told.exit_code, told.stdout) == (2, "")
        sentence, _, remedy = told.stderr.rstrip().rpartition("\n")
        assert " ".join(sentence.split()) == (
            "The practice world in data/ is of edition 1 (version 1.0); "
            "the checks on this machine are of edition 2 (version 1.1)."
        )
        assert remedy == "milepost world"
    assert json.loads(breaking("check", "--json", *WITH).stdout)["error"]["code"] == "other-edition"
    breaking("world")
    assert breaking("check", *WITH).exit_code == 1


@pytest.mark.usefixtures("on_a_new_machine")
def test_checks_of_an_edition_that_you_left_are_told_with_what_to_do(
    breaking: Milepost, move_over: Callable[[], None]
) -> None:
    breaking("world")
    assert breaking("check", *WITH).exit_code == 1
    move_over()
    breaking("world")
    told = breaking("check", "--offline", *WITH)
    assert told.exit_code == 2
    assert told.stderr.splitlines()[-1] == "Run `milepost check` once where the server can be reached."
    assert breaking("check", *WITH).exit_code == 1
    assert breaking("check", "--offline", *WITH).exit_code == 1


def test_a_world_that_cannot_name_its_edition_is_judged_on_or_fetched_anew(breaking: Milepost) -> None:
    breaking("world")
    for text in ("[", "[]", "{}"):
        Path("data/edition.json").write_text(text)
        assert breaking("check", *WITH).stderr.splitlines()[-1] == "milepost world"
    Path("data/edition.json").unlink()  # as a server before this one packed it
    assert breaking("check", *WITH).exit_code == 1


@pytest.mark.usefixtures("on_a_new_machine")
def test_a_machine_that_is_not_set_up_says_how(at_work: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILEPOST_EXAMINER")
    told = at_work("check")
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (2, "milepost setup")
    assert json.loads(at_work("check", "--json").stdout)["error"]["code"] == "not-set-up"


@pytest.mark.usefixtures("on_a_new_machine")
def test_setup_installs_the_locks_and_check_finds_them(breaking: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILEPOST_EXAMINER")
    ran: list[str] = []

    def run(words: Sequence[str], say: Callable[[str], None]) -> None:
        ran.append("/".join(Path(words[-1]).parts[-2:]))
        if "venv" in words:
            python = Path(words[-1], "bin", "python")
            python.parent.mkdir(parents=True)
            python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
            python.chmod(0o755)

    monkeypatch.setattr(environments, "_run", run)
    told = breaking("setup", "--lite")
    assert told.exit_code == 0
    assert ran[1::2] == ["ml/requirements.txt", "examiner/requirements.txt"]
    assert breaking("setup").stdout.startswith("Everything is installed already.")
    judged = json.loads(breaking("check", "--json", "--no-jail").stdout)
    assert judged["run"]["digests"]["environment"] == digest_of_lock()


def digest_of_lock() -> str:
    """The learner's environment as a worker names it."""
    facilities = Facilities(store(), Bare(Path()), ROOT / ".environments")
    return facilities.learner_environment(load(REFERENCE.parent)).digest


@pytest.mark.usefixtures("on_a_new_machine")
def test_an_installer_that_fails_is_quoted(at_work: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILEPOST_EXAMINER")
    monkeypatch.setattr(environments, "_base_python", lambda wanted: "/bin/false")
    told = at_work("setup")
    assert (told.exit_code, "This could not be installed: /bin/false -m venv" in told.stderr) == (3, True)


def test_wrong_words_are_two(at_work: Milepost) -> None:
    unknown = at_work("check", "cleaning", *WITH)
    assert (unknown.exit_code, unknown.stderr) == (2, "There is no milestone 'cleaning'; there are ingest, clean.\n")
    no_python = at_work("check", "--python", "/bin/false")
    assert (no_python.exit_code, "is no Python that can be used" in no_python.stderr) == (2, True)


def test_a_machine_that_cannot_judge_says_so(at_work: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("milepost.checking.sys.platform", "darwin")
    told = at_work("check", *WITH)
    assert (told.exit_code, told.stderr.startswith("The grader's tools need Linux")) == (2, True)


def test_an_engine_that_fails_is_nobodys_fault(at_work: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_EXAMINER", "/bin/false")
    told = at_work("check", *WITH)
    assert (told.exit_code, "The engine failed on this machine" in told.stderr) == (3, True)


@pytest.mark.usefixtures("on_a_new_machine")
def test_a_machine_on_which_the_examiner_fails_is_told_so(at_work: Milepost) -> None:
    at_work("check", "--python", "/bin/false")  # fetches the bench, and no more
    [bench] = (cache_home() / "benches").iterdir()
    (bench / "package" / "ingest" / "checks.py").write_text("1 / 0")
    told = at_work("check", "ingest", *WITH)
    assert (told.exit_code, "The engine failed on this machine" in told.stderr) == (3, True)
    assert "ZeroDivisionError" in told.stderr
    assert "costs you nothing" not in told.output


@pytest.mark.usefixtures("on_a_new_machine")
def test_what_arrives_without_a_name_is_not_kept(at_work: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.Server, "download", lambda self, path, into, on_bytes, known="": "")
    told = at_work("check", *WITH)
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (3, "Look for a proxy that drops ETag.")
