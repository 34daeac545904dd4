"""Hands in good, bad and hostile work without a pause, and counts what it leaves behind. Knows the line, and no person.

`python -m tests.hostile.soaking 1000` does so a thousand times, two at a time, and prints a table; with `--warm`
in jails that are started ahead.
"""

import re
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes import pool
from grading.sandboxes.base import Sandbox
from grading.sandboxes.choose import choose, choose_warm
from grading.sandboxes.leftovers import leftovers
from grading.store import Store
from grading.world import Draw
from tests.hostile.programs import HERE

ROOT = HERE.parents[1]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
AT_ONCE = 2
WARM_AFTER = 100
WORLDS = 5
HONEST = (TINY / "reference" / "pipeline" / "ingest.py").read_text()
CLEAN = (TINY / "reference" / "pipeline" / "clean.py").read_text()
GOOD = (HONEST, HONEST.replace('{"numbers": numbers}', '{"numbers": numbers, "run": RUN}'))
BAD = (
    "raise SystemExit(3)",
    "raise ValueError('it rained')",
    "import no_such_package",
    "def broken(:",
    "pass",
    HONEST.replace("splitlines()]", "splitlines()][:RUN % 5]"),
    HONEST.replace("json.dumps(", "repr("),
    HONEST.replace("write_text(", "mkdir() or print("),
)
HOSTILE = (
    "escape/other_processes",
    "escape/dangerous_calls",
    "escape/namespaces_and_mounts",
    "exhaustion/disk_fill",
    "exhaustion/endless_output",
    "exhaustion/fork_bomb",
    "exhaustion/inode_fill",
    "exhaustion/memory_bomb",
    "exhaustion/memory_in_many_children",
    "exhaustion/open_files",
    "exhaustion/sleeper_that_ignores_signals",
    "exhaustion/thread_bomb",
    "exhaustion/cpu_by_many_short_children",
    "forgery/forged_answer",
    "persistence/daemon",
    "persistence/keyrings",
    "persistence/marks_for_the_next_run",
    "persistence/shared_memory_and_queues",
    "persistence/locks_on_what_others_read",
    "artefacts/odd_names_and_deep_folders",
    "text/terminal_and_page",
)


@dataclass(frozen=True)
class Traces:
    """What a run could leave behind, as seen at one moment."""

    processes: int
    mounts: int
    groups_and_chambers: int
    scratch: int
    temporary: int
    descriptors: int
    threads: int
    memory_mb: float


@dataclass
class Soak:
    """How often each kind of work ended how, and what was there before, when all was warm, and after."""

    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    before: Traces | None = None
    warm: Traces | None = None
    after: Traces | None = None
    seconds: float = 0


def look(store: Store) -> Traces:
    status = Path("/proc/self/status").read_text()
    return Traces(
        processes=sum(len(path.read_text().split()) for path in Path("/proc/self/task").glob("*/children")),
        mounts=len(Path("/proc/self/mountinfo").read_text().splitlines()),
        groups_and_chambers=len(leftovers()),
        scratch=len(list((store.root / "scratch").iterdir())),
        temporary=len(list(Path(tempfile.gettempdir()).iterdir())),
        descriptors=len(list(Path("/proc/self/fd").iterdir())) - 1,
        threads=int(re.findall(r"Threads:\s+(\d+)", status)[0]),
        memory_mb=round(int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024, 1),
    )


@contextmanager
def ground(sandbox: Sandbox | None = None) -> Iterator[tuple[Facilities, str]]:
    """A store of its own with the tiny project, of which little patience is asked."""
    with tempfile.TemporaryDirectory(prefix="milepost-soak-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "tmp").mkdir()
        was, tempfile.tempdir = tempfile.tempdir, str(folder / "tmp")
        package = Path(shutil.copytree(TINY, folder / "package", ignore=shutil.ignore_patterns("__pycache__")))
        told = package / "project.yaml"
        limits = "{cpu_s: 1, wall_s: 3, memory_mb: 96, processes: 16, tmp_mb: 16, output_kill_mb: 1}"
        told.write_text(re.sub(r"limits: {.*}", f"limits: {limits}", told.read_text()))
        facilities = Facilities(Store(folder / "store"), sandbox or choose(), ROOT / ".environments")
        try:
            yield facilities, facilities.store.put(package)
        finally:
            tempfile.tempdir = was


def work(number: int) -> tuple[str, str, str]:
    """The kind of work, the milestone, and the module that is handed in; no two are the same."""
    kind = ("good", "hostile", "good", "bad", "hostile")[number % 5]
    of_kind = {"good": GOOD, "bad": BAD, "hostile": HOSTILE}[kind]
    chosen = of_kind[number // 5 % len(of_kind)]
    source = (HERE / f"{chosen}.py").read_text() if kind == "hostile" else chosen
    milestone = "clean" if kind == "good" and number % 4 == 0 else "ingest"
    return kind, milestone, f"RUN = {number}\n{source}"


def soak(times: int, sandbox: Sandbox | None = None) -> Soak:
    """Judge so many pieces of work, two at a time."""
    told = Soak()
    with ground(sandbox) as (facilities, stored), ThreadPoolExecutor(AT_ONCE) as hands:

        def one(number: int) -> None:
            kind, milestone, source = work(number)
            files = {
                "pipeline/__init__.py": b"",
                "pipeline/ingest.py": source.encode(),
                "pipeline/clean.py": CLEAN.encode(),
            }
            job = Job(stored, milestone, facilities.store.put_files(files), Draw(1, number % WORLDS, "plain"))
            verdict = grade(job, facilities)
            told.ended[kind, verdict.outcome] += 1
            if (
                (verdict.outcome == "passed") != (kind == "good")
                or verdict.outcome == "void"
                or "GOT" in verdict.own.output
            ):
                told.strange.append(
                    f"{number} ({kind}): {verdict.outcome}: {verdict.sentence} {verdict.digests.get('cause', '')}"
                )

        list(hands.map(one, range(-10, 0)))  # libraries, worlds and threads that are made once
        told.before, start = look(facilities.store), time.monotonic()
        first = min(WARM_AFTER, times // 2)
        list(hands.map(one, range(first)))
        told.warm = look(facilities.store)
        list(hands.map(one, range(first, times)))
        told.after, told.seconds = look(facilities.store), time.monotonic() - start
    return told


def table(told: Soak) -> str:
    """The figures, for people."""
    lines = ["| what | before | when warm | after |", "|---|---|---|---|"]
    for name in Traces.__dataclass_fields__:
        lines.append(
            f"| {name} | " + " | ".join(str(getattr(t, name)) for t in (told.before, told.warm, told.after)) + " |"
        )
    lines += ["", "| work | ended | times |", "|---|---|---|"]
    lines += [f"| {kind} | {outcome} | {times} |" for (kind, outcome), times in sorted(told.ended.items())]
    total = told.ended.total()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    lines += ["", f"{total} submissions, {told.seconds:.0f} s, {told.seconds / total:.2f} s each, two at a time; "]
    lines[-1] += (
        f"our own process used {usage.ru_utime + usage.ru_stime:.0f} s of CPU and at most {usage.ru_maxrss >> 10} MB."
    )
    return "\n".join([*lines, *told.strange])


if __name__ == "__main__":
    pool.idle = lambda: True  # a soak leaves no idle moment in which jails could be started ahead
    times = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    soaked = soak(times[0] if times else 1000, choose_warm() if "--warm" in sys.argv else None)
    print(table(soaked))
    sys.exit(1 if soaked.strange else 0)
