"""Load on a whole installation, step by step: how soon pages answer, a hand-in is taken and a first line is heard.

The installation runs in processes of its own on ground that is thrown away, the people in Locust. Each step has more
learners than the one before. It bends where pages take longer than a second for one of twenty; what was busiest there
is named by its CPU time. For each 25 learners there is one leader.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.load_locks import MEANS, watch_locks
from scripts.load_steps import BENT_MS, Step, tell_names, tell_steps
from scripts.processes import family_cpu_s, host_cpu_s
from scripts.stage import ROOT, Stage, set_up

STEPS = (25, 50, 100, 200, 400)
LEARNERS_OF_A_LEADER = 25


@dataclass(frozen=True)
class Scene:
    """What stays the same over all steps."""

    stage: Stage
    cast: Path
    project: str
    seed: int
    think_s: float
    seconds: int

    def play(self, learners: int) -> Step:
        """So many learners, and their leaders: a while to come in, and then a while that counts."""
        people = learners + max(1, learners // LEARNERS_OF_A_LEADER)
        warm_s = int(2 * self.think_s) + 5
        with _crowd(self, people, warm_s + self.seconds) as (crowd, told):
            time.sleep(warm_s)
            before, host, began = self._used(crowd.pid), host_cpu_s(), time.monotonic()
            with watch_locks(self.stage) as locks:
                time.sleep(self.seconds - 2)
            after, host_after, took = self._used(crowd.pid), host_cpu_s(), time.monotonic() - began
            if crowd.wait() not in (0, 1):
                raise SystemExit(f"Locust ended with {crowd.returncode}")
        step = Step(learners, self.seconds, locks=locks, load=os.getloadavg()[0])
        step.cpu = {name: (used - before.get(name, 0)) / took for name, used in after.items()}
        step.host = (host_after[0] - host[0]) / (host_after[1] - host[1])
        for row in json.loads(told.read_text()):
            step.taken[row["name"]] = {int(float(taken)): often for taken, often in row["response_times"].items()}
            step.failures[row["name"]] = row["num_failures"]
        return step

    def _used(self, crowd: int) -> dict[str, float]:
        return {**self.stage.read_cpu_s(), "the people (Locust)": family_cpu_s(crowd)}


@contextmanager
def _crowd(scene: Scene, people: int, seconds: int) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """Locust, and the file that it writes its statistics into. What came before all were there is not counted."""
    told = scene.stage.folder / f"told-{people}.json"
    told.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "MILEPOST_LOAD_CAST": str(scene.cast),
        "MILEPOST_LOAD_SEED": f"{scene.seed}/{people}",
        "MILEPOST_LOAD_THINK": str(scene.think_s),
        "MILEPOST_LOAD_TREE": str(ROOT / "projects" / scene.project / "reference"),
        "MILEPOST_LOAD_WARM": str(seconds - scene.seconds),
    }
    words = f"locust -f {ROOT}/scripts/load_people.py --headless --skip-log -u {people} -r {people} -t {seconds}"
    output = (scene.stage.folder / "locust.log").open("ab")
    with subprocess.Popen(
        [sys.executable, "-m", *words.split(), "--host", scene.stage.address, "--json-file", str(told.with_suffix(""))],
        env=environment,
        stdout=output,
        stderr=output,
    ) as crowd:
        yield crowd, told


def run_steps(scene: Scene, learners: Sequence[int], goes_on: bool) -> list[Step]:
    """One after the other, until it has bent."""
    steps: list[Step] = []
    for number in learners:
        steps.append(scene.play(number))
        print(f"{number} learners: done", file=sys.stderr, flush=True)
        if steps[-1].has_bent and not goes_on:
            break
    return steps


def tell(steps: Sequence[Step], lock: str) -> Iterator[str]:
    yield from tell_steps(steps)
    yield ""
    bent = next((step for step in steps if step.has_bent), None)
    told = bent or steps[-1]
    yield (f"It bends at {told.learners} learners: " if bent else f"No step bent (pages p95 above {BENT_MS} ms). ") + (
        told.blame(lock)
    )
    yield ""
    yield from tell_names(told)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/load", description=__doc__)
    parser.add_argument("--on", choices=("small", "services"), default="small", help="SQLite, or PostgreSQL and Redis")
    parser.add_argument("--web", type=int, default=1, help="how many web processes")
    parser.add_argument("--workers", type=int, default=0, help="how many worker processes judge meanwhile")
    parser.add_argument("--learners", type=int, nargs="*", default=STEPS, help="of each step")
    parser.add_argument("--seconds", type=int, default=60, help="that count, of each step")
    parser.add_argument("--think", type=float, default=10, help="seconds between two clicks, on average")
    parser.add_argument("--crowd", type=int, default=1000, help="members of the cohort that leaders look at")
    parser.add_argument("--project", default="chargeback-watch", help="whose reference they hand in")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--go-on", action="store_true", help="to the last step, bent or not")
    asked = parser.parse_args()
    leaders = max(1, max(asked.learners) // LEARNERS_OF_A_LEADER)
    with set_up(asked.on) as stage:
        cast = stage.folder / "cast.json"
        told = {"learners": max(asked.learners), "leaders": leaders, "crowd": max(asked.crowd, 2 * max(asked.learners))}
        words = [word for name, number in told.items() for word in (f"--{name}", str(number))]
        cast.write_text(
            stage.run("scripts/load_cast.py", *words, "--seed", str(asked.seed), "--project", asked.project)
        )
        stage.start_web(asked.web)
        if asked.workers:
            stage.start_workers(asked.workers)
        scene = Scene(stage, cast, asked.project, asked.seed, asked.think, asked.seconds)
        steps = run_steps(scene, asked.learners, asked.go_on)
        failures = Counter(line for line in stage.read_log("locust").splitlines() if "code=" in line)
        if failures:
            print(stage.read_log("web")[-8000:], file=sys.stderr)
    parts = f"{asked.on}, {asked.web} web processes, {asked.workers} workers"
    print(f"{os.cpu_count()} cores; {parts}, seed {asked.seed}, {asked.think:g} s to think")
    print("\n".join(tell(steps, MEANS[asked.on])))
    print("\n".join(f"failed {often} times: {what}" for what, often in failures.most_common(9)))
    return 1 if any(sum(step.failures.values()) for step in steps) else 0


if __name__ == "__main__":
    sys.exit(main())
