"""The queue of runs as a discrete-event simulation: who hands in and waits, and which run a free worker takes.

As the product does it: a free worker takes the oldest run of the cohort whose turn it is; what is handed in again
before a worker took it makes way for the newer. Seconds everywhere.
"""

import math
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

import simpy
from simpy.resources.store import Store, StoreGet, StorePut

Steps = Generator[simpy.Event, Any, None]


@dataclass(eq=False, slots=True)
class Run:
    """One run: whose, when it came, how long a worker needs for it, and when one took it and was done."""

    learner: int
    cohort: int
    arrived: float
    service_s: float
    done: simpy.Event
    began: float | None = None
    ended: float | None = None
    superseded: bool = False

    @property
    def wait(self) -> float:
        """How long it waited for a worker; of one that still waits, endlessly long."""
        return math.inf if self.began is None else self.began - self.arrived


class Waiting(Store):
    """Runs that wait; what is given out next is the oldest of the cohort whose turn it is.

    That is the one with the fewest runs at work, and of several the one that was served the longest ago. Of one learner
    one run is at work at a time.
    """

    def __init__(self, house: simpy.Environment) -> None:
        super().__init__(house)
        self.lines: dict[int, list[Run]] = defaultdict(list)
        self.at_work: dict[int, set[int]] = defaultdict(set)
        self.served: dict[int, int] = defaultdict(int)
        self.given = 0

    def _do_put(self, event: StorePut) -> None:
        run: Run = event.item
        self.lines[run.cohort].append(run)
        event.succeed()

    def _do_get(self, event: StoreGet) -> None:
        oldest = filter(None, map(self._find_oldest, self.lines))
        run = min(oldest, key=lambda run: (len(self.at_work[run.cohort]), self.served[run.cohort]), default=None)
        if run:
            self.lines[run.cohort].remove(run)
            self.at_work[run.cohort].add(run.learner)
            self.given += 1
            self.served[run.cohort] = self.given
            run.began = self._env.now
            event.succeed(run)

    def _find_oldest(self, cohort: int) -> Run | None:
        return next((run for run in self.lines[cohort] if run.learner not in self.at_work[cohort]), None)

    def end(self, run: Run) -> None:
        """It is no longer at work."""
        self.at_work[run.cohort].remove(run.learner)
        run.ended = self._env.now
        run.done.succeed()

    def withdraw(self, run: Run) -> None:
        self.lines[run.cohort].remove(run)

    def age(self, now: float) -> float:
        """How long the oldest has waited; 0 when none waits."""
        return max((now - line[0].arrived for line in self.lines.values() if line), default=0.0)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Calls workers up while the oldest run has waited longer than this, and lets them go in quiet times."""

    above_s: float
    least: int
    most: int
    # How many are called up at once: a share of those at work, and one at least.
    step: float = 0.5
    look_every_s: float = 15
    boot_s: float = 60
    quiet_s: float = 600


@dataclass
class House:
    """Some workers and the runs that they are handed, on a clock of their own."""

    workers: int
    env: simpy.Environment = field(default_factory=simpy.Environment)
    runs: list[Run] = field(default_factory=list)
    # Of all workers that there are, busy or not: what they cost.
    worker_s: float = 0

    def __post_init__(self) -> None:
        self.waiting = Waiting(self.env)
        self.latest: dict[int, Run] = {}
        self.staff = 0
        self.leaving = 0
        self._since = 0.0
        for _ in range(self.workers):
            self.hire()

    def hire(self) -> None:
        self._count(1)
        self.env.process(self._work())

    def hand_in(self, learner: int, cohort: int, service_s: float) -> Run:
        """A new run; an older one of the learner's that no worker took yet makes way for it."""
        older = self.latest.get(learner)
        if older and older.began is None:
            older.superseded = True
            self.waiting.withdraw(older)
            older.done.succeed()
        run = Run(learner, cohort, self.env.now, service_s, self.env.event())
        self.latest[learner] = run
        self.runs.append(run)
        self.waiting.put(run)
        return run

    def finish(self) -> list[Run]:
        """Let everything come to its end; the runs that were judged, in the order in which they came."""
        self.env.run()
        self._count(0)
        return [run for run in self.runs if not run.superseded]

    def dismiss(self) -> None:
        """Let one worker go: one that waits, or else the next that is done."""
        self.leaving += 1
        if self.waiting.get_queue:
            self.waiting.get_queue.pop().succeed(None)

    def _work(self) -> Steps:
        while not self.leaving and (run := (yield self.waiting.get())):
            yield self.env.timeout(run.service_s)
            self.waiting.end(run)
        self.leaving -= 1
        self._count(-1)

    def _count(self, change: int) -> None:
        self.worker_s += self.staff * (self.env.now - self._since)
        self.staff, self._since = self.staff + change, self.env.now

    def follow(self, rule: Scaling, until: float) -> None:
        """Have the rule look at the queue until then, and call workers up or let them go."""
        self.env.process(self._scale(rule, until))

    def _scale(self, rule: Scaling, until: float) -> Steps:
        there_at = busy_at = 0.0
        while self.env.now < until:
            yield self.env.timeout(rule.look_every_s)
            age = self.waiting.age(self.env.now)
            if age > 0:
                busy_at = self.env.now
            if age > rule.above_s and self.env.now >= there_at:
                there_at = self.env.now + rule.boot_s
                called = min(rule.most - self.staff, max(1, round(self.staff * rule.step)))
                self.env.process(self._boot(called, rule.boot_s))
            elif self.env.now - busy_at > rule.quiet_s and self.staff - self.leaving > rule.least:
                self.dismiss()

    def _boot(self, called: int, boot_s: float) -> Steps:
        yield self.env.timeout(boot_s)
        for _ in range(called):
            self.hire()


def replay(arrivals: Iterable[tuple[float, int, int, float]], workers: int) -> list[Run]:
    """What becomes of these hand-ins, each an instant, a learner, a cohort and the seconds that a worker needs."""
    house = House(workers)
    house.env.process(_arrive(house, sorted(arrivals)))
    return house.finish()


def _arrive(house: House, arrivals: list[tuple[float, int, int, float]]) -> Steps:
    for at, learner, cohort, service_s in arrivals:
        yield house.env.timeout(max(0.0, at - house.env.now))
        house.hand_in(learner, cohort, service_s)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def erlang_c(workers: int, offered: float) -> float:
    """The chance that one who comes must wait, of M/M/c with so many workers and so much work offered, below workers.

    Erlang (1917), "Solution of some problems in the theory of probabilities of significance in automatic telephone
    exchanges"; worked out by the recursion of Erlang B, which cannot overflow.
    """
    blocked = 1.0
    for number in range(1, workers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked / (1 - offered / workers * (1 - blocked))
