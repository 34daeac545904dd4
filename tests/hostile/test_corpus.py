"""Every program here tries something that must not work; each runs against the real thing, told all that it asks for.

A program's docstring says what it tries, what must happen, against what it runs ("Against:", else the bare jail; "As:"
names the modules whose place it takes), in which words its run may end ("Ends:"), what must be said ("Says:") and what
stops it ("Stopped by:"). It prints GOT, or ends with it, when it got what it came for.
"""

import fcntl
import json
import os
import re
import signal
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from grading.sandboxes.base import Exit
from grading.sandboxes.bubblewrap import Bubblewrap
from grading.sandboxes.leftovers import leftovers
from grading.verdict import Outcome, Verdict, to_plain
from people.learners import intake
from tests.hostile.conftest import CANARY, EXPECTED, HERE, Attack, Line, Serve, unpack
from tests.hostile.programs import CLASSES, DOCUMENT, JAIL, Program, find_programs, with_table

PROGRAMS = find_programs()
SERVICE, UPLOADS = "the client of services", "the unpacking of uploads"
SHOWABLE = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e\u2066-\u2069\ufeff]*")
MOST_S = {JAIL: 10, SERVICE: 15, UPLOADS: 10}
UNPACKED_MB = 100


def against(*targets: str) -> list[Program]:
    return [program for program in PROGRAMS if program.against in targets]


def of_the_line() -> list[Program]:
    return [program for program in PROGRAMS if program.against not in (JAIL, SERVICE, UPLOADS)]


def each(programs: list[Program]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("program", programs, ids=lambda program: program.name)


def allowed(program: Program, jail: Bubblewrap) -> list[str]:
    """Without control groups a crowd of processes is held, but nobody is told what held it."""
    counted = any("pids" in layer for layer in jail.layers)
    crowded = "too many processes" in program.ends and not counted
    return [*program.ends, "out of memory", "finished", "timed out"] if crowded else program.ends


def descendants() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.fixture
def trial(request: pytest.FixtureRequest):
    """Nothing of the attack may stay behind."""
    program: Program = request.getfixturevalue("program")
    passwords, before, children = Path("/etc/passwd").read_bytes(), set(leftovers()), descendants()
    started = time.monotonic()
    yield
    assert time.monotonic() - started < MOST_S.get(program.against, 100)
    assert Path("/etc/passwd").read_bytes() == passwords
    assert descendants() <= children
    assert set(leftovers()) <= before


def expect_showable(text: str) -> None:
    assert "GOT" not in text, text
    assert CANARY not in text
    assert SHOWABLE.fullmatch(text), ascii(text)


@pytest.mark.attack
@each(against(JAIL))
def test_the_jail_holds(attack: Attack, jail: Bubblewrap, program: Program, trial: None) -> None:
    ending = attack(program.path.relative_to(HERE))
    expect_showable(ending.stdout)
    assert CANARY not in ending.stderr
    assert ending.reason in allowed(program, jail), (ending.reason, ending.code, ending.stderr)
    assert all(name in EXPECTED for name in os.listdir(attack.taken))


@pytest.mark.attack
@each(of_the_line())
def test_the_line_holds(line: Line, host: dict[str, str], program: Program, trial: None) -> None:
    verdict = line.judge(program.against, program)
    expect_nothing_told(verdict)
    told = (verdict.outcome, verdict.sentence, verdict.own.output[-2000:], verdict.digests.get("cause"))
    assert verdict.outcome in program.ends, told
    assert all(words in verdict.sentence + verdict.own.output for words in program.says), told


def expect_nothing_told(verdict: Verdict) -> None:
    """Neither the canary nor anything that a page or a terminal would obey, in whatever a learner is shown."""
    told = json.loads(json.dumps(to_plain(verdict)))
    waiting = [told]
    while waiting:
        value = waiting.pop()
        waiting += value if isinstance(value, list) else [*value, *value.values()] if isinstance(value, dict) else []
        if isinstance(value, str):
            expect_showable(value)


@pytest.mark.attack
@each(against(SERVICE))
def test_the_client_of_services_holds(serve: Serve, program: Program, trial: None) -> None:
    answers, ending = serve(program)
    expect_showable("\n".join(answer.text + answer.problem for answer in answers))
    expect_showable(ending.stdout)
    said = [answer.problem or f"answered {answer.status}" for answer in answers]
    assert all(any(words in one for words in program.ends) for one in said), (said, ending.stderr[-500:])


@pytest.mark.attack
@each(against(UPLOADS))
def test_the_unpacking_of_uploads_holds(program: Program, trial: None, line: Line, tmp_path: Path) -> None:
    tracemalloc.start()
    code, said = unpack(program, line.facilities.store, tmp_path / "tree")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code in program.ends, (code, said)
    assert most < UNPACKED_MB * 2**20
    assert said.isprintable()
    assert all(path.is_file() or path.is_dir() for path in tmp_path.rglob("*"))
    assert {path.name for path in tmp_path.iterdir()} <= {"tree"}


@pytest.mark.attack
def test_after_all_that_the_honest_tree_is_judged_as_ever(line: Line) -> None:
    """Whatever was kept of the attacks, an honest learner on the same world finds nothing of it."""
    verdict = line.judge("clean")
    assert verdict.outcome is Outcome.PASSED, verdict.sentence
    fresh = Line(line.package, line.facilities, line.stored)
    assert fresh.judge("clean").own.artefact == verdict.own.artefact


@each(PROGRAMS)
def test_the_program_says_what_must_happen(program: Program) -> None:
    assert program.tries
    assert program.must.endswith(".")
    assert program.ends
    assert program.stopped_by
    assert "void" not in program.ends


def test_no_class_of_attack_is_left_out() -> None:
    assert {program.kind for program in PROGRAMS} == set(CLASSES)
    assert len(PROGRAMS) >= 60


def test_the_published_table_is_that_of_the_programs() -> None:
    document = DOCUMENT.read_text()
    assert document == with_table(document), "run `python -m tests.hostile.programs`"


# --- what some of them leave to be looked at -----------------------------------------------------------------------


def refusals(ending: Exit) -> dict[str, str]:
    return {refused.name: refused.why for refused in ending.refused}


@pytest.mark.attack
def test_links_are_named_and_not_followed(attack: Attack) -> None:
    ending = attack(Path("artefacts/links_for_artefacts.py"))
    assert ending.files == ()
    assert set(refusals(ending).values()) == {"is a symbolic link"}


@pytest.mark.attack
def test_a_huge_file_is_refused_by_its_size(attack: Attack) -> None:
    ending = attack(Path("artefacts/huge_sparse_file.py"))
    assert (ending.files, refusals(ending)) == ((), {"rows.csv": "is larger than 1 MB"})


@pytest.mark.attack
def test_odd_names_are_shown_harmlessly(attack: Attack) -> None:
    shown = refusals(attack(Path("artefacts/odd_names_and_deep_folders.py")))
    assert all(name.isascii() and name.isprintable() for name in shown)
    assert shown.pop("d") == "is a folder"
    assert set(shown.values()) == {"has a name we do not take"}


@pytest.mark.attack
def test_links_and_special_files_are_named(attack: Attack) -> None:
    ending = attack(Path("artefacts/hard_links_and_special_files.py"))
    assert ending.files == ()
    assert set(refusals(ending).values()) - {"was not asked for"} == {"is a hard link", "is a socket"}


@pytest.mark.attack
def test_a_forged_answer_is_text_and_no_more(attack: Attack) -> None:
    ending = attack(Path("forgery/forged_answer.py"))
    assert (ending.code, ending.files) == (9, ())
    assert '"reason": "finished"' in ending.stdout


@pytest.mark.attack
def test_an_early_success_brings_nothing(attack: Attack) -> None:
    ending = attack(Path("forgery/early_exit_with_success.py"))
    assert (ending.code, ending.files) == (0, ())


@pytest.mark.attack
@pytest.mark.parametrize("name", ["marks_for_the_next_run", "shared_memory_and_queues", "keyrings"])
def test_a_second_run_finds_no_mark_of_the_first(attack: Attack, name: str) -> None:
    program = Path(f"persistence/{name}.py")
    assert attack(program).stdout == attack(program).stdout == ""


@pytest.mark.attack
def test_an_attack_on_every_signal_leaves_us_alive(attack: Attack) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
    attack(Path("escape/other_processes.py"))
    assert {number: signal.getsignal(number) for number in handlers} == handlers


@pytest.mark.attack
def test_no_lock_outlives_the_run(attack: Attack) -> None:
    attack(Path("persistence/locks_on_what_others_read.py"))
    for path in (Path(sys.executable), HERE / "persistence" / "locks_on_what_others_read.py"):
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.attack
@pytest.mark.parametrize("name", ["columns_named_for_a_terminal", "a_traceback_for_a_terminal"])
def test_a_page_shows_hostile_words_as_words(line: Line, name: str, tiny, alice, log_in, conclude, rings) -> None:
    (program,) = [program for program in PROGRAMS if program.path.stem == name]
    verdict = line.judge("ingest", program)
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b""}, "web")
    conclude(run, verdict)
    page = log_in(alice).get(f"/submissions/{run.submission_id}/").content.decode()
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert SHOWABLE.fullmatch(page.replace("\u200b", ""))
