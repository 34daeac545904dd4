"""Runs several programs in one jail, one after the other, each in a process forked when their libraries are there.

The text of a program for the jail: it runs with the learner's Python and imports nothing of ours but the jail's own
runner. Only trees that come with a package are run like this. A program that does not end well, is late, or leaves
anything but the files that were asked for leaves nothing; whoever asked runs it again alone.
"""

import importlib
import importlib.util
import json
import os
import resource
import shutil
import signal
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

ASKED = Path("/ours/cases.json")
RUNNER = Path("/jail/runner.py")
CASES = Path("/work/cases")
OUT = Path("/work/out")
ROOM = Path("/tmp")  # noqa: S108 - the jail's own, empty at start and gone with it
# The inputs of whichever program's turn it is: no program's paths hang on its place in the line.
NOW = ROOM / "now"
SAID = ("said.stdout", "said.stderr")
MB = 1 << 20
PAUSE_S = 0.005

Case = dict[str, Any]


def main() -> None:
    asked = json.loads(ASKED.read_text())
    for module in asked["modules"]:
        importlib.import_module(module)
    line = Line(load_runner(), asked["separator"], asked["output_kb"] * 1024)
    held = {name.partition(".")[0] for name in sys.modules}
    for number, case in enumerate(asked["cases"]):
        # What is imported already would hide a file of theirs with the same name.
        own = {path.name.partition(".")[0] for path in (CASES / str(number) / "tree").iterdir()}
        if held.isdisjoint(own):
            line.keep_apart(number, case)


def load_runner() -> Any:
    spec = importlib.util.spec_from_file_location("runner", RUNNER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Line:
    """Programs that wait for their turn in one room. `taken` names what those before them left."""

    def __init__(self, runner: Any, separator: str, most_said: int) -> None:
        self.runner, self.separator, self.most_said = runner, separator, most_said
        self.taken: set[str] = set()
        # Where a host keeps its interpreter below this folder, the way to it is mounted here.
        self.found = {path.name for path in ROOM.iterdir()}
        # What the imports cost, alone each program would have paid.
        told = resource.getrusage(resource.RUSAGE_SELF)
        self.start_s = told.ru_utime + told.ru_stime

    def keep_apart(self, number: int, case: Case) -> None:
        """Run one program, take out what it left, and sweep the room for the next."""
        NOW.symlink_to(CASES / str(number))
        began = time.monotonic()
        child = os.fork()
        if not child:
            self.run(case)
        ended_well, used = wait_for(child, case["wall_s"])
        if ended_well and self.in_form(case["expected"]):
            usage = {
                "cpu_s": self.start_s + used.ru_utime + used.ru_stime,
                "wall_s": self.start_s + time.monotonic() - began,
                "memory_mb": used.ru_maxrss / 1024,
            }
            self.take_out(f"{number}{self.separator}", usage)
        sweep(OUT, self.taken)
        sweep(ROOM, self.found)

    def run(self, case: Case) -> None:
        """In the child: what the jail's runner does with a program that is alone."""
        os.setsid()
        for descriptor, name in enumerate(SAID, start=1):
            said = os.open(ROOM / name, os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(said, descriptor)
            os.close(said)
        resource.setrlimit(resource.RLIMIT_CPU, (case["cpu_s"], case["cpu_s"] + 1))
        os.chdir(NOW / "tree")
        os.environ["PWD"] = str(NOW / "tree")
        sys.path.remove("/work")
        self.runner.finish("run", case["argv"])

    def in_form(self, expected: dict[str, float]) -> bool:
        """Whether all that lies there would be taken out as it is, had the program been alone."""
        told = {entry.name: entry.stat(follow_symlinks=False) for entry in os.scandir(OUT)}
        return all(
            stat.S_ISREG(one.st_mode) and one.st_size <= expected.get(name, -1) * MB
            for name, one in told.items()
            if name not in self.taken
        )

    def take_out(self, prefix: str, usage: dict[str, float]) -> None:
        """Put the program's number before the names of its files, and lay beside them what it said and used."""
        for path in [path for path in OUT.iterdir() if path.name not in self.taken]:
            path.rename(OUT / f"{prefix}{path.name}")
        for name in SAID:
            (OUT / f"{prefix}{name}").write_bytes((ROOM / name).read_bytes()[-self.most_said :])
        (OUT / f"{prefix}usage.json").write_text(json.dumps(usage))
        self.taken = {path.name for path in OUT.iterdir()}


def wait_for(child: int, seconds: float) -> tuple[bool, resource.struct_rusage]:
    """Whether the child ended well and in time, and what it used; nothing that it began is left alive."""
    end = time.monotonic() + seconds
    done, status, used = os.wait4(child, os.WNOHANG)
    while not done and time.monotonic() < end:
        time.sleep(PAUSE_S)
        done, status, used = os.wait4(child, os.WNOHANG)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if not done:
        os.waitpid(child, 0)
    return bool(done) and status == 0, used


def sweep(folder: Path, keep: set[str]) -> None:
    for path in [path for path in folder.iterdir() if path.name not in keep]:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    main()
