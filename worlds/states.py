"""States that nobody sees: a chain of levels per unit that climbs, fails and is renewed; its filter and its future.

It knows probabilities only; what a level does to a sensor is for others to say.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Floats = np.ndarray


@dataclass(frozen=True)
class Wear:
    """Per unit and level, chances per step: to climb to the next level, and to fail. `start` is where life begins.

    climb, hazard: (units, levels); climb of the last level is 0. start: (levels,), adds up to 1.
    """

    climb: Floats
    hazard: Floats
    start: Floats

    def advance(self, belief: Floats) -> Floats:
        """Where the units are one step later, given where they are: (units, levels), whoever failed left out."""
        staying = belief * (1 - self.hazard)
        moved = staying * self.climb
        after = staying - moved
        after[:, 1:] += moved[:, :-1]
        return np.asarray(after)

    def fails_within(self, steps: int) -> Floats:
        """The chance that a unit at each level fails in this step or one of the next: (units, levels)."""
        alive = np.ones_like(self.hazard)
        for _ in range(steps):
            above = np.concatenate([alive[:, 1:], alive[:, -1:]], axis=1)
            alive = (1 - self.hazard) * ((1 - self.climb) * alive + self.climb * above)
        return np.asarray(1 - alive)


@dataclass(frozen=True)
class Lives:
    """What happened: the level at each step (-1 while down), whether a failure came in it, whether life began anew."""

    level: np.ndarray
    failed: np.ndarray
    renewed: np.ndarray


def live(wear: Wear, planned: np.ndarray, repair: Callable[[int], int], rng: np.random.Generator) -> Lives:
    """Let all units live through the steps of `planned`: (units, steps), how many steps a stop that begins there lasts.

    A unit that fails is down for `repair(unit)` steps, from the step after its failure on.
    """
    units, steps = planned.shape
    level, failed = np.full((units, steps), -1), np.zeros((units, steps), dtype=bool)
    renewed = np.zeros((units, steps), dtype=bool)
    now, down = _begin(wear, units, rng), np.zeros(units, dtype=int)
    chances = rng.random((2, steps, units))
    every = np.arange(units)
    for step in range(steps):
        down = np.maximum(down, planned[:, step])
        up = down == 0
        level[up, step] = now[up]
        fails = up & (chances[0, step] < wear.hazard[every, now])
        failed[:, step] = fails
        now = now + (up & ~fails & (chances[1, step] < wear.climb[every, now]))
        down = np.maximum(down - 1, 0)
        down[fails] = [repair(int(unit)) for unit in np.flatnonzero(fails)]
        again = ~up & (down == 0)
        if again.any() and step + 1 < steps:
            now[again] = _begin(wear, int(again.sum()), rng)
            renewed[again, step + 1] = True
    return Lives(level, failed, renewed)


def _begin(wear: Wear, number: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(len(wear.start), number, p=wear.start)


def foresee(wear: Wear, lives: Lives, likelihood: Floats, horizon: int) -> tuple[Floats, Floats]:
    """The chance of failing within `horizon` steps, at each step: for who knows the level, and for who sees sensors.

    likelihood: (units, steps, levels), of what was seen in a step, up to a factor; it counts only while a unit is up.
    The second is the forward filter over all steps before: the best that anybody could say from observations.
    """
    future = wear.fails_within(horizon)
    units, steps = lives.level.shape
    known, seen = np.full((units, steps), np.nan), np.full((units, steps), np.nan)
    belief = np.tile(wear.start, (units, 1))
    for step in range(steps):
        up = lives.level[:, step] >= 0
        belief[lives.renewed[:, step]] = wear.start
        known[up, step] = future[up, lives.level[up, step]]
        seen[up, step] = (belief * future).sum(axis=1)[up]
        after = wear.advance(belief * likelihood[:, step])
        belief[up] = after[up] / after[up].sum(axis=1, keepdims=True)
    return known, seen
