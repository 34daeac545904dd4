"""Counts that are demanded, and what a shelf with a limited stock sells of them. It does not know why demand moves."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

_TAIL = 12.0


def wander(shape: tuple[int, int], sd: float, memory: float, rng: np.random.Generator) -> Floats:
    """(series, days): levels that drift around nought with `sd`; each day keeps `memory` of the day before."""
    steps = rng.normal(0, sd * np.sqrt(1 - memory**2), shape)
    steps[:, 0] = rng.normal(0, sd, shape[0])
    for day in range(1, shape[1]):
        steps[:, day] += memory * steps[:, day - 1]
    return steps


def draw_counts(mean: Floats, dispersion: float, rng: np.random.Generator) -> Whole:
    """Negative binomial counts: variance = mean + dispersion * mean ** 2."""
    return rng.poisson(mean * rng.gamma(1 / dispersion, dispersion, mean.shape)).astype("int64")


@dataclass(frozen=True)
class Shelf:
    """(series, days): what was sold, and what lay there when the shop closed; nothing is sold on a closed day."""

    sold: Whole
    left: Whole


def sell(
    demand: Whole,
    target: Whole,
    is_open: npt.NDArray[np.bool_],
    kept: float,
    rng: np.random.Generator,
    before: Whole | None = None,
) -> Shelf:
    """Each open morning the shelf is filled up to `target`; of what is left in the evening a share is `kept`.

    before (series,): what was left on the evening before the first day; nothing unless it is given.
    """
    sold, left = np.zeros_like(demand), np.zeros_like(demand)
    over = np.zeros(len(demand), dtype="int64")
    if before is not None:
        over = np.asarray(rng.binomial(before, kept), dtype="int64")
    for day in range(demand.shape[1]):
        stock = np.where(is_open[:, day], np.maximum(target[:, day], over), over)
        sold[:, day] = np.where(is_open[:, day], np.minimum(demand[:, day], stock), 0)
        left[:, day] = stock - sold[:, day]
        over = np.asarray(rng.binomial(left[:, day], kept), dtype="int64")
    return Shelf(sold, left)


def expected_deviance(mean: Floats, said: Floats) -> float:
    """2 * KL between Poisson counts of mean `mean` and of mean `said`, averaged over rows: nought where said = mean."""
    said = np.maximum(said, 1e-6)
    return float((2 * (mean * np.log(mean / said) - (mean - said))).mean())


def demand_skill(mean: Floats, said: Floats, naive: Floats, oracle: Floats) -> float:
    """1 = as good as the oracle, 0 = as good as `naive`, below 0 = worse, in expected deviance."""
    floor, best = expected_deviance(mean, naive), expected_deviance(mean, oracle)
    return (floor - expected_deviance(mean, said)) / (floor - best)


def cumulative(mean: Floats, dispersion: float) -> Floats:
    """(rows, counts): P(demand <= 0, 1, 2, ...) of negative binomial counts, as far as anything matters."""
    most = int(mean.max() + _TAIL * np.sqrt(mean.max() + dispersion * mean.max() ** 2)) + 5
    size, odds = 1 / dispersion, dispersion * mean / (1 + dispersion * mean)
    mass = np.empty((len(mean), most))
    mass[:, 0] = (1 - odds) ** size
    for count in range(1, most):
        mass[:, count] = mass[:, count - 1] * odds * (count - 1 + size) / count
    return np.asarray(np.minimum(mass.cumsum(axis=1), 1.0))


def below(levels: Floats, table: Floats) -> Floats:
    """P(demand <= level) for each row of `table`, which `cumulative` made; nothing lies below nought."""
    place = np.clip(np.floor(levels), -1, table.shape[1] - 1).astype("int64")
    return np.asarray(np.where(place < 0, 0.0, table[np.arange(len(table)), np.maximum(place, 0)]))


def expected_pinball(table: Floats, said: Floats, share: float) -> float:
    """Mean pinball loss of the quantiles `said` at `share`, when demand is drawn as `table` (of `cumulative`) says."""
    mass = np.diff(table, axis=1, prepend=0.0)
    gap = np.arange(table.shape[1]) - said[:, None]
    return float((mass * np.where(gap >= 0, share * gap, (share - 1) * gap)).sum(axis=1).mean())
