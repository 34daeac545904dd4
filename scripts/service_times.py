"""How long one worker takes for a run of each milestone, as a learner hands in: first what fails, then what passes.

    scripts/bench --services [--learners 3] [SLUG ...] > services.json

`scripts/simulate` is fed with it. Worlds are made ahead, the next one by whoever judged a pass; earlier milestones are
found by digest where the product finds them; a pass is confirmed; starts are warm when they are ready. The learners
follow each other. Beside each run stands who used the CPU, on stderr.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from curriculum.package import ProjectPackage, load
from grading.confirmation import grade_surely
from grading.facilities import Facilities
from grading.pipeline import Job
from grading.sandboxes.base import Sandbox
from grading.store import Store
from grading.trees import gather_trees
from grading.verdict import Outcome
from grading.world import REPOSITORY, Draw, make_world
from scripts.benchmarks import lay_ground
from scripts.efficiency import Counted, Shares

# Draws of these numbers are kept for the last word, and the first of them is made ahead.
LAST_WORDS = 1001
PASSED, REFUSED = "passed", "refused"
# By project and milestone, the seconds of each run that passed, and of each that did not.
Services = dict[str, dict[str, dict[str, list[float]]]]


@dataclass(frozen=True)
class Walk:
    """One learner's way through a project, each run timed."""

    package: ProjectPackage
    facilities: Facilities
    learner: int
    sandbox: Counted

    def draw(self, number: int) -> Draw:
        return Draw(self.learner, number, self.package.domains[0], self.learner)

    def times(self) -> Iterator[tuple[str, str, float, Shares]]:
        store = self.facilities.store
        stored, trees = store.put(self.package.folder), gather_trees(self.package, store)
        last_words = tuple(self.draw(LAST_WORDS + number) for number in range(2))
        make_world(self.package, last_words[0], store)
        for number, kind in enumerate(self.package.kinds, start=1):
            make_world(self.package, self.draw(number), store)
            for tree in (_choose_wrong(trees.wrong_at(kind), self.learner), trees.reference):
                job = Job(stored, kind, tree, self.draw(number))
                began, before = time.monotonic(), self.sandbox.read()
                verdict = grade_surely(job, last_words, self.facilities)
                if verdict.outcome is Outcome.VOID:
                    raise SystemExit(f"{self.package.slug} {kind} came to nothing: {verdict.digests.get('cause', '')}")
                if verdict.outcome is Outcome.PASSED:
                    # What its worker does next: the world that the next milestone is tried on.
                    make_world(self.package, self.draw(number + 1), store)
                seconds = time.monotonic() - began
                if tree == trees.reference and verdict.outcome is not Outcome.PASSED:
                    print(f"the reference was refused: {verdict.sentence}", file=sys.stderr)
                yield kind, _name(verdict.outcome), seconds, self.sandbox.read() - before


def _choose_wrong(wrong: Mapping[str, str], number: int) -> str:
    """Another tree for each learner, in turn."""
    return sorted(wrong.values())[number % len(wrong)]


def _name(outcome: Outcome) -> str:
    return PASSED if outcome is Outcome.PASSED else REFUSED


def time_services(packages: list[ProjectPackage], learners: int, jail: Sandbox) -> Services:
    services: Services = {}
    for package in packages:
        kinds = services.setdefault(package.slug, {kind: {PASSED: [], REFUSED: []} for kind in package.kinds})
        total = Shares()
        for learner in range(1, learners + 1):
            for kind, outcome, seconds, shares in walk(package, learner, jail):
                print(
                    f"{package.slug:18} {kind:8} {outcome:8} {seconds:6.1f} s   {shares}", file=sys.stderr, flush=True
                )
                kinds[kind][outcome].append(round(seconds, 3))
                total += shares
        print(f"{package.slug:18} altogether: {total}   (goal: >= 0.9)", file=sys.stderr, flush=True)
    return services


def walk(package: ProjectPackage, learner: int, jail: Sandbox) -> Iterator[tuple[str, str, float, Shares]]:
    """With a store of its own."""
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as scratch:
        Path(scratch).chmod(0o755)
        sandbox = Counted(jail, Path(sys.executable))
        facilities = Facilities(Store(Path(scratch, "store")), sandbox, REPOSITORY / ".environments")
        yield from Walk(package, facilities, learner, sandbox).times()


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench --services", description=__doc__)
    parser.add_argument("slugs", nargs="*", help="default: all projects")
    parser.add_argument("--learners", type=int, default=3, help="who walk through each project")
    parser.add_argument("--cold", action="store_true", help="without warm starts")
    asked = parser.parse_args()
    folders = sorted(path.parent for path in (REPOSITORY / "projects").glob("*/project.yaml"))
    packages = [load(folder) for folder in folders if not asked.slugs or folder.name in asked.slugs]
    with lay_ground(1) as ground:
        services = time_services(packages, asked.learners, ground.cold if asked.cold else ground.warm)
    print(json.dumps({"load": os.getloadavg()[0], "services": services}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
