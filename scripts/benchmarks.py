"""Measures what judging costs on this host: one function for each row, both sides of each ratio taken in turn.

Times of a busy machine differ by a factor of two from one minute to the next, so only ratios mean much, and only those
of one run. CPU time is that of all processes, the making of warm starts included.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from curriculum.package import ProjectPackage, load
from grading.facilities import Facilities
from grading.judging import Judging
from grading.pipeline import Job, grade, judge_milestone, reference_upstream
from grading.sandboxes.base import Command, Environment, Limits, Mount, Sandbox
from grading.sandboxes.bubblewrap import Bubblewrap
from grading.sandboxes.cgroups import V1, V2, find_group
from grading.sandboxes.choose import choose
from grading.sandboxes.warm import Warm
from grading.store import Store
from grading.verdict import Outcome, Verdict
from grading.world import REPOSITORY, Draw, make_world

PROJECT = REPOSITORY / "projects" / "chargeback-watch"
DRAW = Draw(1, 1, "payments")
# A group of our own, so that nobody else's runs are counted, not even those of another bench.
GROUP = f"milepost-bench-{os.getpid()}"
SLOTS = 2
CHAINS = 5
FULL_WITHIN_S = 60

FIRST_LINE = "import time\nprint(time.monotonic())\n"
TASKS = {
    "pyarrow": "import pyarrow.parquet\n",
    "pandas": "import pandas, pyarrow.parquet\n",
    "sklearn": "import pandas, pyarrow.parquet\nfrom sklearn import linear_model, ensemble, pipeline, preprocessing\n",
}
WORK = """
import pandas as pd
import numpy as np
table = pd.DataFrame({"a": np.arange(300_000) % 97, "b": np.random.default_rng(1).normal(size=300_000)})
for _ in range(4):
    table.sort_values("b").groupby("a").b.agg(["mean", "std"]).to_parquet("/work/out/rows.parquet")
"""


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, each side's figures in `unit`, the ratio of their medians, the goal."""

    name: str
    unit: str
    sides: dict[str, list[float]]
    goal: str = ""

    def __str__(self) -> str:
        first, *others = self.sides.values()
        told = "  ".join(f"{side} {_figures(taken)}" for side, taken in self.sides.items())
        ratios = [f"{statistics.median(first) / statistics.median(other):.2f}" for other in others]
        goal = f"   (goal: {self.goal})" if self.goal else ""
        return f"{self.name:44} {told} {self.unit}" + (f"   ratio {', '.join(ratios)}" if ratios else "") + goal


def _figures(taken: list[float]) -> str:
    worst = sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.95))]
    return f"{statistics.median(taken):.3g} (p95 {worst:.3g}, n={len(taken)})"


@dataclass
class Ground:
    """What the rows share: the jail cold and warm, and the flagship with a world of it."""

    folder: Path
    runs: int
    cold: Bubblewrap
    warm: Warm
    stores: int = field(default=0)

    def facilities(self, sandbox: Sandbox) -> Facilities:
        """With a store that knows the world and nothing else."""
        self.stores += 1
        facilities = Facilities(Store(self.folder / f"store{self.stores}"), sandbox, REPOSITORY / ".environments")
        make_world(self.package, DRAW, facilities.store)
        return facilities

    @cached_property
    def package(self) -> ProjectPackage:
        return load(PROJECT)

    @property
    def python(self) -> Environment:
        return self.facilities(self.cold).learner_environment(self.package)

    def tree(self, **files: str) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        folder.chmod(0o755)
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text)
        return folder

    def settle(self) -> None:
        self.warm.pool.wait_until_full(FULL_WITHIN_S)


@contextmanager
def lay_ground(runs: int) -> Iterator[Ground]:
    chosen = choose()
    assert isinstance(chosen, Bubblewrap)
    jail = replace(chosen, cgroup=GROUP) if find_group(GROUP).counted else chosen
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        ground = Ground(folder, runs, jail, Warm(jail, SLOTS))
        try:
            yield ground
        finally:
            ground.warm.close()
            _remove_group()


def _remove_group() -> None:
    group = find_group(GROUP)
    for base in group.bases.values() if isinstance(group, V1) else ():
        with suppress(OSError):
            base.rmdir()
            base.parent.rmdir()


@dataclass
class Cost:
    """What a stretch of work cost."""

    wall_s: float = 0
    cpu_s: float = 0


@contextmanager
def measured(ground: "Ground") -> Iterator[Cost]:
    """CPU time goes on until the pool is full again: who uses up a warm start pays for the next."""
    cost, began, used = Cost(), time.monotonic(), read_cpu_s()
    yield cost
    cost.wall_s = time.monotonic() - began
    ground.settle()
    cost.cpu_s = read_cpu_s() - used


def read_cpu_s() -> float:
    """Of this process, the shims that ended, and all jails: the group of ours that they are made in counts those."""
    own, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime
    group = find_group(GROUP)
    return spent + group.cpu_s() if isinstance(group, V1 | V2) else spent


def start(ground: Ground) -> Iterator[Row]:
    """From asking to the learner's first line after their imports."""
    python = ground.python
    for name, imports in TASKS.items():
        tree = ground.tree(task=imports + FIRST_LINE)
        command = Command(("task.py",), python, Limits(), mounts=(Mount(tree, "/work/tree"),))
        ground.warm.run(command)
        taken: dict[str, list[float]] = {"cold": [], "warm": []}
        for _ in range(ground.runs):
            ground.settle()
            for side, sandbox in (("cold", ground.cold), ("warm", ground.warm)):
                began = time.monotonic()
                ended = sandbox.run(command)
                taken[side].append((float(ended.stdout) - began) * 1000)
        yield Row(f"asked to first line after imports: {name}", "ms", taken)


def overhead(ground: Ground) -> Iterator[Row]:
    """Wall time of a whole run beyond the CPU time that their code used: a small cleaning task."""
    tree = ground.tree(task=WORK)
    command = Command(("task.py",), ground.python, Limits(), mounts=(Mount(tree, "/work/tree"),))
    ground.warm.run(command)
    taken: dict[str, list[float]] = {"cold": [], "warm": []}
    whole: dict[str, list[float]] = {"cold": [], "warm": []}
    for _ in range(ground.runs):
        ground.settle()
        for side, sandbox in (("cold", ground.cold), ("warm", ground.warm)):
            with measured(ground) as cost:
                ended = sandbox.run(command)
            taken[side].append((cost.wall_s - ended.cpu_s) * 1000)
            whole[side].append(cost.wall_s)
    yield Row("a run beyond their own CPU time", "ms", taken, "warm <= 150, p95 <= 400")
    yield Row("the same run, whole", "s", whole)


def chain(ground: Ground) -> Iterator[Row]:
    """Five milestones of the flagship's reference, nothing known before but the world."""
    wall: dict[str, list[float]] = {"cold": [], "warm": []}
    cpu: dict[str, list[float]] = {"cold": [], "warm": []}
    grade_reference(ground, ground.warm)
    for _ in range(min(CHAINS, ground.runs)):
        ground.settle()
        for side, sandbox in (("cold", ground.cold), ("warm", ground.warm)):
            with measured(ground) as cost:
                grade_reference(ground, sandbox)
            wall[side].append(cost.wall_s)
            cpu[side].append(cost.cpu_s)
    yield Row("whole chain, wall", "s", wall)
    yield Row("whole chain, CPU of all processes", "s", cpu)


def grade_reference(ground: Ground, sandbox: Sandbox) -> Verdict:
    facilities = ground.facilities(sandbox)
    tree = facilities.store.put(ground.package.folder / "reference")
    return insist(grade(Job(facilities.store.put(PROJECT), "deploy", tree, DRAW), facilities))


def insist(verdict: Verdict) -> Verdict:
    if verdict.outcome is not Outcome.PASSED:
        raise SystemExit(f"the reference did not pass: {verdict.sentence} {verdict.digests.get('cause', '')}")
    return verdict


def last_changed(ground: Ground) -> Iterator[Row]:
    """Only `model` changed: the chain, which finds the milestones before it by digest, against that milestone alone."""
    facilities = ground.facilities(ground.cold)
    package, store = ground.package, facilities.store
    world, stored = make_world(package, DRAW, store), store.put(PROJECT)
    judging = Judging(package, package.milestone("model"), world, "", {}, facilities)
    alone = replace(judging, upstream=reference_upstream(judging))
    grade(Job(stored, "model", _changed(package, store, "at first"), DRAW), facilities)
    taken: dict[str, list[float]] = {"chain": [], "alone": []}
    for number in range(min(CHAINS, ground.runs)):
        with measured(ground) as cost:
            insist(grade(Job(stored, "model", _changed(package, store, f"chain {number}"), DRAW), facilities))
        taken["chain"].append(cost.wall_s)
        with measured(ground) as cost:
            judge_milestone(replace(alone, tree=_changed(package, store, f"alone {number}")))
        taken["alone"].append(cost.wall_s)
    yield Row("only model changed: chain and model alone", "s", taken, "ratio <= 1.15")


def _changed(package: ProjectPackage, store: Store, remark: str) -> str:
    """The reference with a remark in the module that trains."""
    folder = package.folder / "reference"
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}
    files["pipeline/train.py"] += f"\n# {remark}\n".encode()
    return store.put_files(files)


def memory(ground: Ground) -> Iterator[Row]:
    """What a slot holds while it waits: the share of memory that is its own, shim and jail together."""
    for imports in TASKS.values():
        tree = ground.tree(task=imports)
        ground.warm.run(Command(("task.py",), ground.python, Limits(), mounts=(Mount(tree, "/work/tree"),)))
        ground.settle()
    held: dict[str, list[float]] = {}
    for kind, slots in ground.warm.pool.ready.items():
        for slot in slots:
            held.setdefault(kind.modules[0], []).append(share_mb(slot.shim.process.pid))
    for flavour, taken in held.items():
        yield Row(f"memory of one waiting slot: {flavour}", "MB", {"PSS": taken})
    everything = [one for taken in held.values() for one in taken]
    yield Row(f"memory of the whole pool: {len(everything)} slots", "MB", {"PSS": [sum(everything)]})


def share_mb(pid: int) -> float:
    """Of a process and all its descendants."""
    total = 0.0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        total += int(line.split()[1]) / 1024 if line.startswith("Pss:") else 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return total + sum(share_mb(int(child)) for child in children)


ROWS: dict[str, Callable[[Ground], Iterator[Row]]] = {
    "start": start,
    "overhead": overhead,
    "chain": chain,
    "last-changed": last_changed,
    "memory": memory,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; default: all")
    parser.add_argument("--runs", type=int, default=30, help=f"of each side; chains at most {CHAINS}")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians, and ratios of medians", flush=True)
    with lay_ground(asked.runs) as ground:
        for name in asked.rows or ROWS:
            for row in ROWS[name](ground):
                print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
