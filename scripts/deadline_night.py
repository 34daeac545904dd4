"""What learners do in the night before a milestone is due, as a model, and what becomes of them in a simulated queue.

When they first hand in follows Alfi, Parisi and Pietronero, "Conference registration: how people react to a deadline"
(Nature Physics 3, 746, 2007): the rate is inversely proportional to the time that is left. Each learner comes for
themselves, so all together they are a Poisson process of that rate, given how many come. Who does not pass thinks, and
hands in again while an attempt is left and the hour has not struck; some hand in a second thought before they are
answered. How long a run takes is drawn from what was measured of runs with the same ending.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from scripts.queueing import House, Run, Scaling, Steps

# The seconds of runs that passed, and of runs that did not.
Times = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Night:
    """Who comes, and how they go on. The defaults are the model that docs/operating.md tells."""

    learners: int
    cohorts: int = 1
    hours: float = 12
    # The rate grows as 1 / (time left + this): nobody can wait for the very last second.
    shortest_min: float = 10
    pass_share: float = 0.4
    think_min: float = 15
    second_thoughts: float = 0.1
    second_thought_min: float = 2
    attempts: int = 12
    attempt_min: float = 20

    @property
    def due(self) -> float:
        return self.hours * 3600

    def first_come(self, random: Random) -> float:
        shortest = self.shortest_min * 60
        left = shortest * math.pow((self.due + shortest) / shortest, random.random()) - shortest
        return self.due - left


@dataclass(slots=True)
class Learner:
    """One learner in this night, with chances of their own: whatever the others do, theirs fall the same way."""

    night: Night
    number: int
    random: Random
    times: Sequence[Times]
    left: float
    counted_at: float = 0

    @property
    def cohort(self) -> int:
        return self.number % self.night.cohorts

    def behave(self, house: House) -> Steps:
        yield house.env.timeout(self.night.first_come(self.random))
        has_passed = False
        while not has_passed and house.env.now < self.night.due:
            yield house.env.timeout(self._until_attempt(house.env.now))
            has_passed = self.random.random() < self.night.pass_share
            yield from self._hand_in(house, has_passed)
            if not has_passed:
                yield house.env.timeout(self.random.expovariate(1 / (60 * self.night.think_min)))

    def _hand_in(self, house: House, passes: bool) -> Steps:
        run = house.hand_in(self.number, self.cohort, self._draw_service(passes))
        if self.random.random() < self.night.second_thoughts:
            yield house.env.timeout(self.random.expovariate(1 / (60 * self.night.second_thought_min)))
            if run.ended is None:
                run = house.hand_in(self.number, self.cohort, self._draw_service(passes))
        yield run.done

    def _draw_service(self, passes: bool) -> float:
        """Of one of the milestones that are due, whichever it is."""
        times = self.random.choice(self.times)
        return self.random.choice(times["passed" if passes else "refused"])

    def _until_attempt(self, now: float) -> float:
        """How long until an attempt is there; it is taken."""
        night, step = self.night, 60 * self.night.attempt_min
        self.left = min(night.attempts, self.left + (now - self.counted_at) / step)
        wait = max(0.0, (1 - self.left) * step)
        self.left, self.counted_at = self.left + wait / step - 1, now + wait
        return wait


def live_through(
    night: Night, times: Sequence[Times], workers: int, seed: int, rule: Scaling | None = None
) -> tuple[list[Run], float]:
    """The runs of one such night that were judged, and the hours of all workers together."""
    house = House(workers)
    for number in range(night.learners):
        random = Random(f"{seed}/{number}")  # noqa: S311 - seeded
        house.env.process(Learner(night, number, random, times, night.attempts).behave(house))
    if rule:
        house.follow(rule, night.due)
    runs = house.finish()
    return runs, house.worker_s / 3600


def waits_of_last_hour(night: Night, runs: Sequence[Run]) -> list[float]:
    """Quiet hours flatter a night: what counts is how long those waited who came in its last hour."""
    return [run.wait for run in runs if run.arrived >= night.due - 3600]
