"""A small rush on the real product, with one worker and with two, beside the same rush in the simulated queue.

What is handed in when is drawn by seed; each learner's last hand-in passes. The simulation is given the instants, and
either the very seconds that each run took, so that only the queue can differ, or seconds drawn anew from all of them.
What a worker needs between two runs is added to each.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

from scripts.queueing import percentile, replay
from scripts.stage import ROOT, set_up

TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
DRAWN = 200
SHARES = (0.5, 0.95)
Plan = list[tuple[float, int, bool]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of the hand-ins on the real product: when each came, of whom, and how long it waited and lasted."""

    arrivals: list[tuple[float, int]]
    waits: list[float]
    services: list[float]
    superseded: int
    # From the end of one run to the begin of the next, while somebody waits: calls, rows, and worlds made ahead.
    between_s: float


def draw_plan(runs: int, learners: int, within_s: float, seed: int) -> Plan:
    random = Random(seed)  # noqa: S311 - seeded
    came = sorted((random.uniform(0, within_s), random.randrange(learners)) for _ in range(runs))
    last = {learner: at for at, learner in came}
    return [(at, learner, last[learner] == at) for at, learner in came]


def play(plan: Plan, learners: int, workers: int, kind: str, folder: Path) -> Seen:
    """On an installation of its own."""
    with set_up(kind) as stage:
        stage.start_workers(workers, niceness=0)
        asked = json.dumps({"folder": str(folder), "learners": learners, "plan": plan})
        words = [sys.executable, "scripts/replay_player.py"]
        done = subprocess.run(
            words, input=asked, capture_output=True, text=True, cwd=ROOT, env=stage.environment, check=False
        )
        if done.returncode:
            raise SystemExit(done.stderr[-2000:] + stage.read_log("workers")[-2000:])
    return read_seen(json.loads(done.stdout))


def read_seen(rows: Sequence[dict[str, float]]) -> Seen:
    """Of what was superseded nothing is known but that it came: it is handed in again by the simulation as well."""
    start = rows[0]["queued"]
    judged = [row for row in rows if row["started"]]
    return Seen(
        arrivals=[(row["queued"] - start, int(row["learner"])) for row in rows],
        waits=[row["started"] - row["queued"] for row in judged],
        services=[row["finished"] - row["started"] if row["started"] else -1 for row in rows],
        superseded=len(rows) - len(judged),
        between_s=mean(gaps) if (gaps := list(_list_gaps(judged))) else 0.0,
    )


def _list_gaps(judged: Sequence[dict[str, float]]) -> Iterator[float]:
    """Of each run that had been waiting when a worker became free, how long that worker took to begin it."""
    for row in judged:
        freed = max((other["finished"] for other in judged if other["finished"] <= row["started"]), default=0.0)
        if row["queued"] < freed:
            yield row["started"] - freed


def simulate_same(seen: Seen, workers: int) -> list[float]:
    """With the seconds that each run really took; what was never judged gets the mean, if it is judged here."""
    usual = mean(service for service in seen.services if service >= 0)
    services = [service if service >= 0 else usual for service in seen.services]
    return _simulate(seen, services, workers)


def simulate_drawn(seen: Seen, workers: int, seed: int) -> list[float]:
    random, known = Random(seed), [service for service in seen.services if service >= 0]  # noqa: S311 - seeded
    return _simulate(seen, random.choices(known, k=len(seen.services)), workers)


def _simulate(seen: Seen, services: Sequence[float], workers: int) -> list[float]:
    together = zip(seen.arrivals, services, strict=True)
    arrivals = [(at, learner, 0, service + seen.between_s) for (at, learner), service in together]
    return [run.wait for run in replay(arrivals, workers)]


def tell(seen: Seen, workers: int) -> Iterator[str]:
    same = simulate_same(seen, workers)
    drawn = [simulate_drawn(seen, workers, seed) for seed in range(DRAWN)]
    known = [service for service in seen.services if service >= 0]
    each = f"{mean(known):.1f} s each and {seen.between_s:.1f} s between"
    figures = [("mean", mean(seen.waits), mean(same), mean(mean(waits) for waits in drawn))] + [
        (
            f"p{share:.0%}".rstrip("%"),
            percentile(seen.waits, share),
            percentile(same, share),
            mean(percentile(waits, share) for waits in drawn),
        )
        for share in SHARES
    ]
    for name, real, simulated, anew in figures:
        yield (
            f"| {workers} | {len(seen.waits)} judged, {seen.superseded} superseded, {each} "
            f"| {name} | {real:.1f} | {simulated:.1f} ({_miss(simulated, real)}) | {anew:.1f} ({_miss(anew, real)}) |"
        )


def _miss(simulated: float, real: float) -> str:
    return f"{simulated - real:+.1f} s" if real < 1 else f"{(simulated - real) / real:+.0%}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/simulate --replay", description=__doc__)
    parser.add_argument("--on", choices=("small", "services"), default="services")
    parser.add_argument("--runs", type=int, default=80)
    parser.add_argument("--learners", type=int, default=60)
    parser.add_argument("--within", type=float, default=60, help="seconds in which all is handed in")
    parser.add_argument("--folder", type=Path, default=TINY, help="the package whose first milestone is handed in")
    parser.add_argument("--workers", type=int, nargs="*", default=(1, 2))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    plan = draw_plan(asked.runs, asked.learners, asked.within, asked.seed)
    print(f"{os.cpu_count()} cores; {asked.runs} hand-ins of {asked.learners} learners within {asked.within:g} s")
    print("| workers | runs | wait, s | real | simulated, same seconds | simulated, seconds drawn anew |")
    print("|---|---|---|---|---|---|")
    for workers in asked.workers:
        for line in tell(play(plan, asked.learners, workers, asked.on, asked.folder.resolve()), workers):
            print(line, flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
