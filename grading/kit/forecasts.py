"""How good a forecast of a quantity is: its quantiles, its mean, its interval. numpy only.

All arrays have one axis and one length, a row each, floats in one unit (articles, euros, minutes). Losses are per row,
so that they can be averaged over any slice and bootstrapped.
"""

import numpy as np
import numpy.typing as npt

from grading.kit.skill import Floats

LEAST_MEAN = 1e-6


def pinball_losses(actual: npt.ArrayLike, said: npt.ArrayLike, level: float) -> Floats:
    """Per row max(l (y - s), (l - 1)(y - s)): what quantile s of level l loses (Koenker & Bassett 1978).

    level: 0..1, e.g. 0.9. In the unit of `actual`. Its mean is least where a share `level` of the actuals lies below.
    """
    gap = np.asarray(actual, dtype=np.float64) - np.asarray(said, dtype=np.float64)
    return np.asarray(np.maximum(level * gap, (level - 1) * gap), dtype=np.float64)


def coverage(actual: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> float:
    """The share (0..1) of actuals in [low, high], ends included; 0.8 is right for the quantiles 0.1 and 0.9.

    Of counts, which are whole numbers, a right interval holds more than its levels say.
    """
    y = np.asarray(actual, dtype=np.float64)
    return float(((y >= np.asarray(low, dtype=np.float64)) & (y <= np.asarray(high, dtype=np.float64))).mean())


def poisson_deviances(mean_true: npt.ArrayLike, said: npt.ArrayLike) -> Floats:
    """Per row 2 (m ln(m / s) - m + s): the Poisson deviance of a forecast mean s (McCullagh & Nelder 1989, chapter 2).

    With m = the realised count it is the realised deviance; with m = the true mean it is what that exceeds the true
    mean's own by, in expectation: 0 for whoever says the true mean. Said means are raised to 1e-6; 0 ln 0 is 0.
    """
    m = np.asarray(mean_true, dtype=np.float64)
    s = np.maximum(np.asarray(said, dtype=np.float64), LEAST_MEAN)
    logs = np.where(m > 0, m * np.log(np.maximum(m, LEAST_MEAN) / s), 0.0)
    return np.asarray(2 * (logs - m + s), dtype=np.float64)


def bias(actual: npt.ArrayLike, said: npt.ArrayLike) -> float:
    """sum(said) / sum(actual) - 1: 0 is right, -0.2 is a fifth too little in all. Raises ValueError when nothing is."""
    total = float(np.asarray(actual, dtype=np.float64).sum())
    if total == 0:
        raise ValueError("the actual values sum to nothing, so there is no share of them")
    return float(np.asarray(said, dtype=np.float64).sum()) / total - 1
