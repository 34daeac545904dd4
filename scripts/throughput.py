"""How many verdicts a minute one worker process gives, and two at once: each has its own jails, store and warm starts.

Verdicts follow each other without a pause, so the making of warm starts competes with the runs that use them up.
The work is the modelling task of scripts/peers.py. Beside it stands who used the CPU meanwhile, until all warm starts
that were used up are there again: what a warm start imports counts as ours, though learners' code would import it too.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from grading.sandboxes.base import Sandbox
from grading.sandboxes.warm import Warm
from scripts.benchmarks import FULL_WITHIN_S, Row, lay_ground
from scripts.efficiency import Counted, Shares
from scripts.peer_sides import Ours, Task

TASK = "fitting"
STARTS = ("warm", "cold")
Worker = subprocess.Popen[str]


def work(is_warm: bool) -> None:
    """Be a worker: for each number on stdin, grade so many submissions, each with a remark that nobody saw before."""
    with lay_ground(1) as ground:
        jail = ground.warm if is_warm else ground.cold
        sandbox, task = Counted(jail, Path(sys.executable)), Task(TASK, ground.folder)
        ours = Ours(task, sandbox)
        number = 0
        for line in chain(["1"], sys.stdin):
            judges = [ours.ready(f"{task.learner}# {number + more}\n", False) for more in range(int(line))]
            number += len(judges)
            settle(jail)
            say("ready")
            if number > 1:
                sys.stdin.readline()
            before = sandbox.read()
            if not all(judge() for judge in judges):
                raise SystemExit("right work got no pass")
            say("done")
            settle(jail)
            say(json.dumps(asdict(sandbox.read() - before)))


def settle(jail: Sandbox) -> None:
    if isinstance(jail, Warm):
        jail.pool.wait_until_full(FULL_WITHIN_S)


def say(word: str) -> None:
    print(word, flush=True)


@contextmanager
def hire(starts: str) -> Iterator[Worker]:
    words = [sys.executable, __file__, "--as-worker", "--starts", starts]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        expect_word(worker, "ready")
        expect_word(worker, "done")
        read_shares(worker)
        yield worker
        tell(worker, None)


def tell(worker: Worker, word: str | None) -> None:
    assert worker.stdin
    if word is None:
        worker.stdin.close()
    else:
        print(word, file=worker.stdin, flush=True)


def expect_word(worker: Worker, word: str) -> None:
    assert worker.stdout
    if (said := worker.stdout.readline().strip()) != word:
        raise SystemExit(f"a worker said {said!r} and not {word!r}")


def read_shares(worker: Worker) -> Shares:
    assert worker.stdout
    return Shares(**json.loads(worker.stdout.readline()))


def count_a_minute(workers: list[Worker], verdicts: int) -> tuple[float, Shares]:
    """Of all these workers together, each with so many verdicts to give; and who used the CPU for them."""
    for worker in workers:
        tell(worker, str(verdicts))
    for worker in workers:
        expect_word(worker, "ready")
    began = time.monotonic()
    for worker in workers:
        tell(worker, "go")
    for worker in workers:
        expect_word(worker, "done")
    a_minute = 60 * verdicts * len(workers) / (time.monotonic() - began)
    return a_minute, sum((read_shares(worker) for worker in workers), Shares())


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench --throughput", description=__doc__)
    parser.add_argument("--verdicts", type=int, default=10, help="of each worker in each round")
    parser.add_argument("--runs", type=int, default=3, help="rounds; each has one worker, then two")
    parser.add_argument("--starts", choices=STARTS, help="only these; default: both")
    parser.add_argument("--as-worker", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.as_worker:
        work(asked.starts == "warm")
        return 0
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {asked.verdicts} verdicts a worker", flush=True)
    for name in [asked.starts] if asked.starts else STARTS:
        with ExitStack() as hired:
            workers = [hired.enter_context(hire(name)) for _ in range(2)]
            taken: dict[str, list[float]] = {"two workers": [], "one": []}
            used = dict.fromkeys(taken, Shares())
            for _ in range(asked.runs):
                for side, chosen in (("one", workers[:1]), ("two workers", workers)):
                    a_minute, shares = count_a_minute(chosen, asked.verdicts)
                    taken[side].append(a_minute)
                    used[side] += shares
        print(Row(f"verdicts a minute, {name}: {TASK}", "a minute", taken, "ratio >= 1.9"), flush=True)
        for side, shares in used.items():
            print(f"{'':10} {side}: {shares}   (goal: >= 0.9)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
