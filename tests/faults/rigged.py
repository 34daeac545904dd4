"""Runs a module of Milepost's, such as celery, with faults built in that no process can be given from outside.

    python tests/faults/rigged.py '{"die_at": "before_record", "marks": "/tmp/marks"}' celery -A config worker ...

The product knows nothing of this: what is changed are the functions of this process. Faults: `die_at` a point, once,
and its mark tells of what; a `clock_s` that is ahead or behind; a store that is slow (`slow_s`) or full while the file
`full` exists; `canned`, the share of runs whose verdict is what their tree says it will be. `leases`: a file with a
line for each lease that was taken or prolonged. `kill`: while this file exists, whoever commits a submission dies.
"""

import json
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import django

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from grading import pipeline  # noqa: E402
from grading.pipeline import Job  # noqa: E402
from grading.store import Store  # noqa: E402
from grading.verdict import MilestoneVerdict, Outcome, Verdict  # noqa: E402
from people import ringing  # noqa: E402
from people.learners import ledger, tasks  # noqa: E402
from people.learners.facilities import store  # noqa: E402
from people.learners.models import Run  # noqa: E402
from people.replays import answering  # noqa: E402

POINTS = ("after_claim", "during_produce", "before_record", "inside_record", "after_record", "before_ring")
AFTER_COMMIT, BEFORE_ANSWER = "after_commit", "before_answer"
# What a tree that is not really judged comes to: the first word of this file in it.
PLAN = "plan.txt"
WEIGHT = 1000
ENOSPC = 28
Called = Callable[..., Any]

current: dict[str, int] = {}


def rig(told: dict[str, Any]) -> None:
    """Build in what was asked for."""
    watch_leases(Path(told["leases"]) if "leases" in told else None)
    if point := told.get("die_at"):
        die_at(point, Path(told["marks"]))
    if seconds := told.get("clock_s"):
        shift_clock(timedelta(seconds=seconds))
    if "slow_s" in told or "full" in told:
        hinder_store(told.get("slow_s", 0), Path(told.get("full", "/nowhere")))
    if "canned" in told:
        can(told["canned"], tuple(told["takes_s"]))
    if "kill" in told:
        die_while(Path(told["kill"]))


def die() -> None:
    """As when the machine goes away: this process and all that it started with."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def die_at(point: str, marks: Path) -> None:
    mark = marks / point

    def leave() -> None:
        if not mark.exists():
            mark.write_text(json.dumps({**current, "at": time.time()}))
            die()

    if point in ("after_claim", "after_record", "inside_record"):
        owner, name = {
            "after_claim": (ledger, "claim_next"),
            "after_record": (ledger, "record"),
            "inside_record": (ledger, "_write_judgement"),
        }[point]
        wrap(owner, name, after=lambda answer: leave() if answer is not None or point == "inside_record" else None)
    elif point == "during_produce":
        wrap(pipeline, "produce", before=lambda *_: threading.Timer(0.5, leave).start())
    elif point == "before_record":
        wrap(ledger, "record", before=lambda *_: leave())
    elif point == BEFORE_ANSWER:
        wrap(answering, "keep", before=lambda *_: leave())
    elif point == "before_ring":
        wrap(tasks, "call", before=lambda *_: leave() if current else None)
    else:
        wrap(ringing, "call", before=lambda task, *_: leave() if task.name.endswith("grade_run") else None)


def die_while(flag: Path) -> None:
    def leave(task: Any, *_: object) -> None:
        if flag.exists() and task.name.endswith("grade_run"):
            flag.unlink()
            die()

    wrap(ringing, "call", before=leave)


def shift_clock(by: timedelta) -> None:
    now = timezone.now
    timezone.now = lambda: now() + by  # type: ignore[assignment]


def hinder_store(slow_s: float, full: Path) -> None:
    def wait(*_: object) -> None:
        time.sleep(slow_s)
        if full.exists():
            raise OSError(ENOSPC, "No space left on device")

    for name in ("put", "put_files", "remember"):
        wrap(Store, name, before=wait)


def watch_leases(book: Path | None) -> None:
    """Note which run this process holds, and in the book until when."""

    def note(run: Run | None) -> None:
        if run is None:
            return
        current["run"] = run.pk
        if book and (until := Run.every.filter(pk=run.pk, token=run.token).values_list("lease_until", flat=True)):
            write_line(book, {"run": run.pk, "token": str(run.token), "until": until[0].timestamp()})

    wrap(ledger, "claim_next", after=note)
    beat, record = ledger.beat, ledger.record

    def beat_and_note(run: Run) -> bool:
        is_ours = beat(run)
        if is_ours:
            note(run)
        return is_ours

    def record_and_note(run: Run, verdict: Verdict) -> bool:
        is_open = record(run, verdict)
        if is_open and book:
            write_line(book, {"run": run.pk, "token": str(run.token), "gave_back": True})
        return is_open

    ledger.beat, ledger.record = beat_and_note, record_and_note


def write_line(book: Path, told: dict[str, Any]) -> None:
    with book.open("a") as lines:  # one write of less than a page: lines of several processes do not mix
        lines.write(json.dumps(told) + "\n")


def can(share: float, takes_s: tuple[float, float]) -> None:
    """Let this share of trees be told, not found, what they come to; chosen by the tree, so that each try is alike."""
    really, make_worlds = tasks.grade_surely, tasks.make_world

    def grade(job: Job, draws: Any, facilities: Any, report: Any) -> Verdict:
        if not is_canned(job.tree, share):
            return really(job, draws, facilities, report)
        report(job.kind, "running your code")
        low, high = takes_s
        time.sleep(low + (high - low) * (crc32(job.tree.encode()) % WEIGHT) / WEIGHT)
        word = store().read(job.tree, PLAN).decode().split()[0]
        artefact = store().put_files({"numbers.json": job.tree.encode()})
        store().remember(f"{crc32(job.tree.encode()):064x}", word)
        link = MilestoneVerdict(job.kind, Outcome(word), f"As planned: {word}.", artefact=artefact)
        return Verdict(job.kind, Outcome(word), link.sentence, (link,))

    tasks.grade_surely = grade
    tasks.make_world = lambda package, draw, kept: None if share == 1 else make_worlds(package, draw, kept)  # type: ignore[assignment,return-value]


def is_canned(tree: str, share: float) -> bool:
    return crc32(tree.encode()) % WEIGHT < share * WEIGHT


def wrap(owner: Any, name: str, before: Called | None = None, after: Called | None = None) -> None:
    inner = getattr(owner, name)

    def outer(*given: Any, **named: Any) -> Any:
        if before:
            before(*(given[1:] if isinstance(owner, type) else given))
        answer = inner(*given, **named)
        if after:
            after(answer)
        return answer

    setattr(owner, name, outer)


if __name__ == "__main__":
    rig(json.loads(sys.argv[1]))
    module, *words = sys.argv[2:]
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
