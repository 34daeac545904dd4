"""Has folders looked at in a jail, and a learner's work run on their practice world so that there is something to see.

What was seen is kept by digest as plain values, so that whoever shows it reads no stranger's file. Whoever asks names a
practice draw: what a learner's code makes of a world that grades is never shown.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from grading import inside
from grading.facilities import EXAMINER_ROOMS, Facilities
from grading.judging import Judging
from grading.pipeline import Job, make_reference_artefact
from grading.production import Production, produce
from grading.sandboxes.base import Command, Limits, Mount, SandboxFault
from grading.store import Store, digest_of
from grading.verdict import describe_exit
from grading.world import REPOSITORY, make_world

# Counted up when what is kept changes its form.
FORM = 1
LIMITS = Limits(cpu_s=60, wall_s=120, memory_mb=1024, out_mb=16, file_mb=16)
PREVIEW_MB = 8.0
# Arrow's own allocator reserves a gigabyte at once, which would leave nothing to bound.
VARIABLES = {"PYTHONPATH": inside.OURS, "ARROW_DEFAULT_MEMORY_POOL": "system"}


@dataclass(frozen=True, slots=True)
class Made:
    """What a milestone of a learner's code made of their practice world: an artefact, or a sentence on why nothing."""

    kind: str
    artefact: str = ""
    stopped: str = ""


def find_preview(folder: str, store: Store) -> list[dict[str, Any]] | None:
    """What lies in a stored folder, file by file, if it was looked at."""
    return cast(list[dict[str, Any]] | None, store.recall(key_of_preview(folder)))


def find_made(job: Job, store: Store) -> list[Made] | None:
    """What the job's tree made of its world, if it was run for that; a milestone that stopped is the last."""
    kept = cast(list[dict[str, str]] | None, store.recall(_key_of_work(job)))
    return None if kept is None else [Made(**made) for made in kept]


def preview_folder(folder: str, facilities: Facilities) -> None:
    """Look at a stored folder, unless that was done. Raises SandboxFault when our own process failed."""
    if find_preview(folder, facilities.store) is None:
        facilities.store.remember(key_of_preview(folder), _look(folder, facilities))


def preview_work(job: Job, facilities: Facilities) -> None:
    """Run a tree on its learner's practice world up to the job's milestone, and look at what each milestone made.

    What is lent is gone on with, and not shown as theirs.
    """
    package = facilities.package(job.package)
    world = make_world(package, job.draw, facilities.store)
    made, upstream = [], dict[str, str]()
    for milestone in (*package.before(job.kind), package.milestone(job.kind)):
        if milestone.is_service:
            continue
        judging = Judging(package, milestone, world, job.tree, dict(upstream), facilities)
        if milestone.kind in job.lent and milestone.kind != job.kind:
            upstream[milestone.kind] = job.lent[milestone.kind] or make_reference_artefact(judging)
            continue
        made.append(_describe(judging, produce(judging)))
        if made[-1].stopped:
            break
        upstream[milestone.kind] = made[-1].artefact
        preview_folder(made[-1].artefact, facilities)
    facilities.store.remember(_key_of_work(job), [asdict(one) for one in made])


def _describe(judging: Judging, production: Production) -> Made:
    kind, ended = judging.milestone.kind, production.exit
    if ended.abnormal:
        return Made(kind, stopped=describe_exit(kind, ended, judging.limits))
    return Made(kind, production.artefact)


def _look(folder: str, facilities: Facilities) -> list[dict[str, Any]]:
    with TemporaryDirectory(dir=facilities.store.root / "scratch", prefix="look-") as scratch:
        collected = Path(scratch, "collected")
        collected.mkdir()
        produced = Mount(facilities.store.fetch(folder, Path(scratch, "produced")), f"{inside.WORK}/produced")
        ours = (Mount(REPOSITORY / room, f"{inside.OURS}/{room}") for room in EXAMINER_ROOMS)
        command = Command(
            argv=("-m", "grading.preview", str(LIMITS.memory_mb * 3 // 4)),
            environment=facilities.examiner_environment,
            limits=LIMITS,
            mounts=(produced, *ours),
            variables=VARIABLES,
            cwd=inside.WORK,
            collect=collected,
            expected={"preview.json": PREVIEW_MB},
        )
        ended = facilities.sandbox.run(command)
        told = collected / "preview.json"
        if ended.abnormal or not told.is_file():
            raise SandboxFault(
                f"Looking at {folder[:12]} ended: {ended.reason}, code {ended.code}.\n{ended.stderr[-800:]}"
            )
        seen: list[dict[str, Any]] = json.loads(told.read_text("utf-8"))
        return seen


def key_of_preview(folder: str) -> str:
    """Under which answer the store remembers what lies in this folder."""
    return digest_of({"preview": FORM, "folder": folder})


def _key_of_work(job: Job) -> str:
    return digest_of({"work": FORM, **asdict(job)})
