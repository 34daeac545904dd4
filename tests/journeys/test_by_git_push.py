"""The product as it runs, web under ASGI and a real worker: two milestones by `git push`, and a large push refused."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
PREPARE = """
import django; django.setup()
from pathlib import Path
from django.core.management import call_command
from curriculum.package import load
from curriculum.publish import publish
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import intake, tasks
from people.learners.facilities import store
call_command("migrate", verbosity=0)
package = load(Path("tests/fixtures/packages/tiny"))
project = publish(package, store().put(package.folder), store().put(package.folder / "starter"))
alice = User.objects.create_user("alice", first_name="Alice")
enrolment = intake.enrol(alice, project)
tasks.make_worlds(enrolment.pk, 1)
print(issue_token(alice, "git"))
"""
WORKER = "celery -A config worker --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"
START_S = 60
GIT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    **{f"GIT_{role}_NAME": "Alice" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "alice@example.org" for role in ("AUTHOR", "COMMITTER")},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """An installation of its own, and the address of Alice's repository in it, with her token in it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MILEPOST_VAR"}}
    port = free_port()
    environment = {
        **kept,
        "MILEPOST_VAR": str(tmp_path / "var"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "C_FORCE_ROOT": "1",
    }
    for folder in ("queue", "control"):
        (tmp_path / "var" / "broker" / folder).mkdir(parents=True)
    token = subprocess.run(
        [sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
    web = f"uvicorn config.asgi:application --port {port} --log-level warning --lifespan off"
    processes = [
        subprocess.Popen([sys.executable, "-m", *words.split()], cwd=ROOT, env=environment, start_new_session=True)
        for words in (web, WORKER)
    ]
    try:
        wait_until_up(f"http://127.0.0.1:{port}/readyz")
        yield f"http://alice:{token}@127.0.0.1:{port}/git/alice/tiny.git"
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_up(url: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            assert time.monotonic() < deadline, "Milepost did not answer in time"
            time.sleep(0.3)


def ask(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *words], cwd=folder, env=GIT, capture_output=True, text=True, check=False)


def commit(folder: Path, message: str) -> None:
    ask(folder, "add", "--all", "--force")
    assert ask(folder, "commit", "--quiet", "--message", message).returncode == 0


def push(folder: Path) -> list[tuple[float, str]]:
    """What a push says, line by line, each with when it came."""
    began = time.monotonic()
    with subprocess.Popen(["git", "push"], cwd=folder, env=GIT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = [(time.monotonic() - began, line.rstrip()) for line in process.stderr]
    assert process.returncode == 0, lines
    return lines


@pytest.mark.slow
def test_two_milestones_by_git_push(address: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert ask(tmp_path, "clone", "--quiet", address, "mine").returncode == 0
    shutil.copytree(TINY / "reference", mine, dirs_exist_ok=True)
    # More than git sends in one piece: it asks first whether it may, and then sends chunks.
    (mine / "data").mkdir()
    (mine / "data" / "noise.bin").write_bytes(os.urandom(3 * 2**20))
    commit(mine, "Read and clean")
    lines = push(mine)
    texts = [text for _, text in lines]
    assert "remote: ingest: Passed" in texts
    assert "remote: The next milestone is clean." in texts
    told_at = {text: at for at, text in lines}
    handed_in = next(at for at, text in lines if "Handed in for ingest" in text)
    print(f"handed in after {handed_in:.2f} s, verdict after {told_at['remote: ingest: Passed']:.2f} s")
    assert handed_in < told_at["remote: ingest   running your code"] < told_at["remote: ingest: Passed"]
    (mine / "pipeline" / "clean.py").write_text("raise SystemExit('not yet')\n")
    commit(mine, "Break it")
    assert "remote: clean: Did not run" in [text for _, text in push(mine)]


@pytest.mark.slow
def test_ctrl_c_stops_the_watching_and_not_the_judging(address: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    ask(tmp_path, "clone", "--quiet", address, "mine")
    shutil.copytree(TINY / "reference", mine, dirs_exist_ok=True)
    slow = mine / "pipeline" / "ingest.py"
    slow.write_text("import time; time.sleep(3)\n" + slow.read_text())
    commit(mine, "Slowly")
    with subprocess.Popen(["git", "push"], cwd=mine, env=GIT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "running your code" in line:
                process.send_signal(signal.SIGINT)
                break
    ask(mine, "commit", "--quiet", "--allow-empty", "--message", "The same")
    words = ("push", "-o", "milestone=ingest", "origin", "main")
    told = ask(mine, *words).stderr
    assert "Nothing has changed since submission 1 for ingest" in told
    assert "ingest: Passed" in told


@pytest.mark.slow
def test_of_two_pushes_at_once_one_is_first_and_the_other_has_to_fetch(address: str, tmp_path: Path) -> None:
    clones = [tmp_path / name for name in ("laptop", "desk")]
    for folder in clones:
        ask(tmp_path, "clone", "--quiet", address, folder.name)
        (folder / "pipeline" / "ingest.py").write_text(f"print('{folder.name}')\n")
        commit(folder, folder.name)
    with ThreadPoolExecutor(2) as both:
        told = list(both.map(lambda folder: ask(folder, "push"), clones))
    assert sorted(done.returncode for done in told) == [0, 1], [done.stderr for done in told]
    first, second = sorted(told, key=lambda done: done.returncode)
    assert "Handed in for ingest as submission 1" in first.stderr
    assert "submission" not in second.stderr
    ask(tmp_path, "clone", "--quiet", address, "after")
    assert len(ask(tmp_path / "after", "log", "--format=%s").stdout.splitlines()) == 2


@pytest.mark.slow
def test_a_push_larger_than_any_request_is_told_so_in_words(address: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    ask(tmp_path, "clone", "--quiet", address, "mine")
    (mine / "data").mkdir()
    (mine / "data" / "noise.bin").write_bytes(os.urandom(80 * 2**20))
    commit(mine, "Oh")
    told = ask(mine, "push")
    assert told.returncode == 1
    assert "remote: This push is larger than 32 MB." in told.stderr, told.stderr
