"""Every program here tries something that must not work; each runs in the real jail, told all that it asks for.

A program's docstring says what it tries, what must happen and, after "Ends:", in which words its run may end. It
prints GOT when it got what it came for.
"""

import ast
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from grading.sandboxes.base import Command, Environment, Limits, Mount, SandboxFault
from grading.sandboxes.bubblewrap import STRICT, Bubblewrap
from grading.sandboxes.leftovers import leftovers

pytestmark = pytest.mark.attack

HERE = Path(__file__).parent
PROGRAMS = sorted(path.relative_to(HERE) for path in HERE.glob("*/*.py"))
CANARY = "milepost-canary-5d41402abc4b"
LIMITS = Limits(
    cpu_s=3, wall_s=4, memory_mb=160, processes=24, file_mb=16, out_mb=32, tmp_mb=32, out_files=150, output_kill_mb=4
)
EXPECTED = {"rows.csv": 1, "model.json": 1}


@pytest.fixture(scope="module")
def jail() -> Bubblewrap:
    jail = Bubblewrap(require=STRICT if os.geteuid() == 0 else frozenset())
    try:
        jail.run(Command(("-c", ""), Environment(Path(sys.executable), ""), Limits(), cwd="/work"))
    except SandboxFault as fault:
        pytest.skip(f"no jail can be built here: {fault}")
    return jail


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Secrets and services of this host, and what a well-informed attacker knows of them."""
    for folder in tmp_path.parents[:3]:
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    tmp_path.chmod(0o755)
    secret = tmp_path / "truth.parquet"
    secret.write_text(CANARY)
    monkeypatch.setenv("SECRET_KEY", CANARY)
    name = f"milepost-hostile-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{name}")
        abstract.listen()
        for listener in (tcp, abstract):
            listener.setblocking(False)
        yield {"HOSTS_FILE": str(secret), "HOSTS_PORT": str(tcp.getsockname()[1]), "HOSTS_NAME": name}
        for listener in (tcp, abstract):
            with pytest.raises(BlockingIOError):
                listener.accept()
    assert secret.read_text() == CANARY


@pytest.fixture
def attack(jail, host, tmp_path):
    taken = tmp_path / "taken"

    def attack(program: Path):
        taken.mkdir(exist_ok=True)
        tree = HERE / program.parent
        command = Command(
            (program.name,),
            Environment(Path(sys.executable), ""),
            LIMITS,
            mounts=(Mount(tree, "/work/tree"),),
            variables=host,
            collect=taken,
            expected=EXPECTED,
        )
        return jail.run(command)

    attack.taken = taken
    return attack


def endings(program: Path) -> list[str]:
    words = re.search(r"^Ends: (.+)$", ast.get_docstring(ast.parse((HERE / program).read_text())), re.MULTILINE)
    return [word.strip() for word in words[1].split("|")]


def allowed(program: Path, jail: Bubblewrap) -> list[str]:
    """Without control groups a crowd of processes is held, but nobody is told what held it."""
    words = endings(program)
    counted = any("pids" in layer for layer in jail.layers)
    return words if counted or "too many processes" not in words else [*words, "out of memory", "finished", "timed out"]


def descendants() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_the_attack_fails(attack, jail, program):
    passwords, before = Path("/etc/passwd").read_bytes(), set(leftovers())
    started = time.monotonic()
    ending = attack(program)
    assert time.monotonic() - started < 10
    assert "GOT" not in ending.stdout, ending.stdout
    assert CANARY not in ending.stdout + ending.stderr
    assert ending.reason in allowed(program, jail), (ending.reason, ending.code, ending.stderr)
    assert re.fullmatch(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e\u2066-\u2069\ufeff]*", ending.stdout)
    assert all(name in EXPECTED for name in os.listdir(attack.taken))
    assert Path("/etc/passwd").read_bytes() == passwords
    assert descendants() == []
    assert set(leftovers()) <= before


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_the_program_says_what_must_happen(program):
    text = ast.get_docstring(ast.parse((HERE / program).read_text()))
    assert "Must: " in text
    assert endings(program)


def refusals(ending) -> dict[str, str]:
    return {refused.name: refused.why for refused in ending.refused}


def test_links_are_named_and_not_followed(attack):
    ending = attack(Path("artefacts/links_for_artefacts.py"))
    assert ending.files == ()
    assert set(refusals(ending).values()) == {"is a symbolic link"}


def test_a_huge_file_is_refused_by_its_size(attack):
    ending = attack(Path("artefacts/huge_sparse_file.py"))
    assert (ending.files, refusals(ending)) == ((), {"rows.csv": "is larger than 1 MB"})


def test_odd_names_are_shown_harmlessly(attack):
    shown = refusals(attack(Path("artefacts/odd_names_and_deep_folders.py")))
    assert all(name.isascii() and name.isprintable() for name in shown)
    assert shown.pop("d") == "is a folder"
    assert set(shown.values()) == {"has a name we do not take"}


def test_links_and_special_files_are_named(attack):
    ending = attack(Path("artefacts/hard_links_and_special_files.py"))
    assert ending.files == ()
    assert set(refusals(ending).values()) - {"was not asked for"} == {"is a hard link", "is a socket"}


def test_a_forged_answer_is_text_and_no_more(attack):
    ending = attack(Path("forgery/forged_answer.py"))
    assert (ending.code, ending.files) == (9, ())
    assert '"reason": "finished"' in ending.stdout


def test_an_early_success_brings_nothing(attack):
    ending = attack(Path("forgery/early_exit_with_success.py"))
    assert (ending.code, ending.files) == (0, ())


def test_a_second_run_finds_no_mark_of_the_first(attack):
    program = Path("persistence/marks_for_the_next_run.py")
    assert attack(program).stdout == attack(program).stdout == ""


def test_an_attack_on_every_signal_leaves_us_alive(attack):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
    attack(Path("escape/other_processes.py"))
    assert {number: signal.getsignal(number) for number in handlers} == handlers
