"""Counts that an empty shelf cuts off: what was probably asked for, and quantiles. It knows no shop."""

import numpy as np
from scipy.special import betainc

SMALLEST = 0.05
ROUNDS = 15


def _at_least(count: np.ndarray, size: float, odds: np.ndarray) -> np.ndarray:
    """P(demand >= count) of negative binomial counts."""
    return np.where(count <= 0, 1.0, betainc(np.maximum(count, 1e-9), size, odds))


def asked_for(sold: np.ndarray, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """E[demand | demand >= sold] where demand has this mean and variance mean + dispersion * mean ** 2."""
    size, odds = 1 / dispersion, dispersion * mean / (1 + dispersion * mean)
    more = np.clip(_at_least(sold - 1, size + 1, odds), 1e-12, None)
    return np.maximum(sold, mean * more / np.clip(_at_least(sold, size, odds), 1e-12, None))


def typical(sold: np.ndarray, emptied: np.ndarray, counts: np.ndarray, dispersion: float) -> np.ndarray:
    """(n,) mean demand of each row of (n, days), over the days that count; where emptied, at least `sold`."""
    days = np.maximum(counts.sum(axis=1), 1)
    total = np.where(counts, sold, 0).sum(axis=1)
    level = np.maximum(total / days, SMALLEST)
    row, day = np.nonzero(emptied & counts)
    seen = sold[row, day]
    for _ in range(ROUNDS):
        unseen = np.bincount(row, asked_for(seen, level[row], dispersion) - seen, minlength=len(sold))
        level = np.maximum((total + unseen) / days, SMALLEST)
    return level


def quantiles(mean: np.ndarray, dispersion: float, shares: tuple[float, ...]) -> np.ndarray:
    """(n, shares): the smallest counts that are not exceeded with at least these probabilities."""
    found = np.full((len(mean), len(shares)), -1.0)
    size, odds = 1 / dispersion, dispersion * mean / (1 + dispersion * mean)
    mass, total, count = (1 - odds) ** size, np.zeros(len(mean)), 0
    while (found < 0).any():
        total = total + mass
        reached = total[:, None] >= np.array(shares) - 1e-12
        found = np.where((found < 0) & reached, count, found)
        count += 1
        mass = mass * odds * (count - 1 + size) / count
    return found


def deviance(counts: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Poisson deviance of each count; nought where it was said exactly."""
    part = np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / said), 0.0)
    return 2 * (part - (counts - said))
