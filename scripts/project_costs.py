"""Measures each project: what a world costs, whether it is the same bytes twice, and what judging a chain costs."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

from curriculum.package import ProjectPackage, digest_files, load
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.store import Store
from grading.world import ONE_THREAD, REPOSITORY, Draw, make_world
from scripts.benchmarks import insist, lay_ground, measured

# Two processes that differ in all that must not matter.
SURROUNDINGS = ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu"})


@dataclass(frozen=True)
class Made:
    """One making of a world: its bytes by digest, and what they cost."""

    digest: str
    rows: int
    cpu_s: float
    peak_mb: float

    def __str__(self) -> str:
        return (
            f"{self.cpu_s:5.2f} s CPU {self.rows:9,} rows {self.rows / self.cpu_s:9,.0f} rows/s {self.peak_mb:5.0f} MB"
        )


def make_once(package: ProjectPackage, draw: Draw, surroundings: dict[str, str]) -> Made:
    """A world made by a process of its own, which is measured from outside."""
    with tempfile.TemporaryDirectory() as scratch:
        raw, truth = Path(scratch, "raw"), Path(scratch, "truth")
        raw.mkdir()
        truth.mkdir()
        asked = {"package": str(package.folder), "raw": str(raw), "truth": str(truth), **asdict(draw)}
        variables = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), **ONE_THREAD, **surroundings}
        forge = subprocess.Popen(
            [sys.executable, "-m", "grading.forge"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=variables
        )
        assert forge.stdin
        forge.stdin.write(json.dumps(asked).encode())
        forge.stdin.close()
        _, status, used = os.wait4(forge.pid, 0)
        if status:
            raise SystemExit(f"{package.slug} made no world for {draw}")
        rows = sum(pq.read_metadata(path).num_rows for path in sorted(truth.rglob("*.parquet")))
        digest = digest_files(Path(scratch), ("raw", "truth"))
        return Made(digest, rows, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def weigh_worlds(package: ProjectPackage) -> Iterator[str]:
    for number, domain in enumerate(package.domains, start=1):
        draw = Draw(number, number, domain)
        one, other = (make_once(package, draw, surroundings) for surroundings in SURROUNDINGS)
        same = "same bytes" if one.digest == other.digest else "OTHER BYTES"
        yield f"{package.slug:18} {domain:14} {one}  {same}"


def weigh_chain(package: ProjectPackage) -> Iterator[str]:
    """The reference judged on all its milestones by cold jails, nothing known before but the world."""
    with lay_ground(1) as ground:
        facilities = Facilities(Store(ground.folder / "store"), ground.cold, REPOSITORY / ".environments")
        draw = Draw(1, 1, package.domains[0])
        make_world(package, draw, facilities.store)
        tree, stored = (facilities.store.put(folder) for folder in (package.folder / "reference", package.folder))
        with measured(ground) as cost:
            verdict = insist(grade(Job(stored, package.kinds[-1], tree, draw), facilities))
    theirs = sum(link.usage.cpu_s for link in verdict.chain)
    peak = max(link.usage.memory_mb for link in verdict.chain)
    links = ", ".join(f"{link.kind} {link.usage.cpu_s:.1f}" for link in verdict.chain)
    yield f"{package.slug:18} {cost.cpu_s:5.1f} s CPU, {cost.wall_s:5.1f} s wall, probes and checks included"
    yield f"{'':18} {theirs:5.1f} s CPU of the main runs, peak {peak:.0f} MB: {links}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench --projects", description=__doc__)
    parser.add_argument("slugs", nargs="*", help="default: all projects")
    asked = parser.parse_args()
    folders = sorted(path.parent for path in (REPOSITORY / "projects").glob("*/project.yaml"))
    packages = [load(folder) for folder in folders if not asked.slugs or folder.name in asked.slugs]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; one thread each", flush=True)
    for weigh in (weigh_worlds, weigh_chain):
        for package in packages:
            for line in weigh(package):
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
