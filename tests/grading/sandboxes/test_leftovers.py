"""Whoever dies, and however: nothing of a run stays behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grading.sandboxes.bubblewrap import REPOSITORY
from grading.sandboxes.chamber import home, is_alive, name_of_this_process
from grading.sandboxes.leftovers import sweep
from tests.grading.sandboxes.striking import HEEDS_SIGINT, ended, left_by, within

WORKER = """
import os, sys
from pathlib import Path
from grading.sandboxes.base import Command, Environment, Limits
from grading.sandboxes.bubblewrap import Bubblewrap
print("working", flush=True)
python = Environment(Path(sys.executable), "")
Bubblewrap(require=frozenset()).run(
    Command(("-c", "import time; time.sleep(300)", {tag!r}), python, Limits(), cwd="/work")
)
"""


def processes(tag: str) -> dict[int, str]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if tag in line:
                found[int(entry.name)] = line
    return found


def shims_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


@pytest.fixture
def worker(jail):
    tag = f"milepost-test-{os.getpid()}-{time.monotonic_ns()}"
    script = WORKER.format(tag=tag)
    process = subprocess.Popen(
        [sys.executable, "-c", HEEDS_SIGINT + script],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout.readline() == b"working\n"

    def inside() -> list[int]:
        """The program's processes: the worker holds the tag in its own command line too."""
        return [pid for pid in processes(tag) if pid != process.pid]

    assert within(10, inside)
    yield process, inside
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.attack
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_struck_down_leaves_nothing_running(worker, blow):
    process, inside = worker
    (shim,) = shims_of(process.pid)
    os.killpg(process.pid, blow)
    assert within(5, lambda: not inside())
    assert within(5, lambda: ended(shim))
    assert not left_by([shim])


@pytest.mark.attack
def test_a_shim_that_is_struck_down_leaves_only_empty_folders_that_are_swept(worker):
    process, inside = worker
    (shim,) = shims_of(process.pid)
    os.kill(shim, signal.SIGKILL)
    process.wait()
    assert within(5, lambda: not inside())
    # Its pipes close a moment before it counts as dead.
    assert within(5, lambda: left_by([shim]))
    found = left_by([shim])
    assert sweep() >= len(found)
    assert not [folder for folder in found if folder.exists()]


def test_what_lives_is_not_swept():
    folder = home() / name_of_this_process()
    folder.mkdir()
    try:
        sweep()
        assert folder.is_dir()
    finally:
        folder.rmdir()


def test_a_name_is_alive_as_long_as_its_process_and_no_other():
    name = name_of_this_process()
    assert is_alive(name)
    assert not is_alive(f"{os.getpid()}.1")
    assert not is_alive("not-a-run")


def test_a_home_that_others_could_write_to_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setattr("grading.sandboxes.chamber.HOME", tmp_path)
    home().chmod(0o777)
    with pytest.raises(Exception, match="only we can write to"):
        home()


def test_many_runs_leave_no_mount_folder_group_or_descriptor(run, monkeypatch):
    shims = []

    class Popen(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            shims.append(self.pid)

    monkeypatch.setattr("grading.sandboxes.bubblewrap.subprocess.Popen", Popen)
    mounts = Path("/proc/self/mountinfo").read_text()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(8):
        run(f"print({number})")
    assert len(shims) == 8
    assert Path("/proc/self/mountinfo").read_text() == mounts
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert not left_by(shims)
    assert shims_of(os.getpid()) == []


@pytest.mark.attack
def test_a_daemon_dies_with_its_run(run):
    tag = f"milepost-daemon-{os.getpid()}-{time.monotonic_ns()}"
    program = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(300)", sys.argv[1]])
    os._exit(0)
import time; time.sleep(0.3)
"""
    assert run(program, tag).code == 0
    assert processes(tag) == {}
