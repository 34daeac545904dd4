"""How many workers a deadline night needs: the smallest number with which 95 of 100 wait for less than a minute.

Those count who hand in during the last hour before the milestone is due, in several nights by the same model.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from scripts.deadline_night import Night, Times, live_through, waits_of_last_hour
from scripts.queueing import Scaling, percentile

SIZES = (100, 300, 1000, 3000)
PROMISED_S = 60
THRESHOLDS_S = (5, 15, 30, 60, 120)
MOST_WORKERS = 512


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of nights with so many workers."""

    workers: int
    waits: list[float]
    hours: float

    @property
    def p95(self) -> float:
        return percentile(self.waits, 0.95)

    def __str__(self) -> str:
        return " | ".join(f"{percentile(self.waits, share):.0f}" for share in (0.5, 0.95, 0.99))


def watch_nights(night: Night, times: Sequence[Times], workers: int, nights: int, rule: Scaling | None = None) -> Told:
    waits: list[float] = []
    hours: list[float] = []
    for seed in range(nights):
        runs, spent = live_through(night, times, workers, seed, rule)
        waits += waits_of_last_hour(night, runs)
        hours.append(spent)
    return Told(workers, waits, mean(hours))


def find_fewest(night: Night, times: Sequence[Times], nights: int) -> tuple[Told, Told | None]:
    """The nights with the fewest workers that keep the promise, and those with one fewer, which do not.

    Doubled until they do, then halved in between: with more workers nobody waits longer, but for chances that fall
    another way.
    """
    enough, before = watch_nights(night, times, 1, nights), None
    while enough.p95 >= PROMISED_S:
        if enough.workers > MOST_WORKERS:
            raise SystemExit(f"not even {enough.workers} workers would do")
        before, enough = enough, watch_nights(night, times, 2 * enough.workers, nights)
    while before and enough.workers - before.workers > 1:
        told = watch_nights(night, times, (enough.workers + before.workers) // 2, nights)
        before, enough = (before, told) if told.p95 < PROMISED_S else (told, enough)
    return enough, before


def read_times(services: Mapping[str, Mapping[str, Times]], due: str) -> list[Times]:
    """Of "project", each milestone as often as the others, or of "project/milestone"; where both endings were seen."""
    slug, _, milestone = due.partition("/")
    chosen = [times for kind, times in services.get(slug, {}).items() if milestone in ("", kind)]
    return [times for times in chosen if times["passed"] and times["refused"]]


def tell_sizes(projects: Mapping[str, list[Times]], sizes: Sequence[int], nights: int) -> Iterator[str]:
    yield (
        "| learners | due | seconds of a run | runs in the last hour | workers | wait p50 | p95 | p99 "
        "| p95 with one fewer |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for learners in sizes:
        for slug, times in projects.items():
            told, before = find_fewest(Night(learners), times, nights)
            seconds = mean(second for one in times for seconds in one.values() for second in seconds)
            fewer = f"{before.p95:.0f}" if before else "–"
            runs = len(told.waits) / nights
            yield f"| {learners:,} | {slug} | {seconds:.1f} | {runs:.0f} | **{told.workers}** | {told} | {fewer} |"


def tell_rules(projects: Mapping[str, list[Times]], sizes: Sequence[int], nights: int) -> Iterator[str]:
    yield "| learners | due | called up above | wait p50 | p95 | p99 | hours of workers | with the fewest fixed |"
    yield "|---|---|---|---|---|---|---|---|"
    for learners in sizes:
        for slug, times in projects.items():
            night = Night(learners)
            fixed, _ = find_fewest(night, times, nights)
            for above_s in THRESHOLDS_S:
                rule = Scaling(above_s, least=1, most=4 * fixed.workers)
                told = watch_nights(night, times, rule.least, nights, rule)
                yield f"| {learners:,} | {slug} | {above_s} s | {told} | {told.hours:.0f} | {fixed.hours:.0f} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/simulate", description=__doc__)
    parser.add_argument("services", type=Path, help="what `scripts/bench --services` wrote, or --history")
    parser.add_argument("--scaling", action="store_true", help="what a rule by the age of the queue would do")
    parser.add_argument("--due", nargs="*", help="project or project/milestone; default: all projects of the file")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="how many learners")
    parser.add_argument("--nights", type=int, default=20, help="each with chances of its own")
    asked = parser.parse_args()
    told = json.loads(asked.services.read_text())["services"]
    projects = {due: read_times(told, due) for due in asked.due or told}
    if lacking := [slug for slug, times in projects.items() if not times]:
        parser.error(f"{asked.services} has no run of {', '.join(lacking)} that passed and none that did not")
    for line in (tell_rules if asked.scaling else tell_sizes)(projects, asked.sizes, asked.nights):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
