"""Where a model is good, and what for: skill by slice with its interval, and the events that the first ranks catch.

All arrays have one axis and one length, a row each; probabilities are floats in 0..1. numpy and pandas only.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit.skill import Floats, log_losses

Interval = tuple[float, float, float]

# Below this gain per row, in nats, there is nothing to know about a slice, and its skill is noise over noise.
LEAST_GAIN = 1e-3


def skill_by_slice(
    slices: npt.ArrayLike,
    p_true: npt.ArrayLike,
    q: npt.ArrayLike,
    naive: float,
    oracle: npt.ArrayLike,
    *,
    fewest: int = 400,
    draws: int = 200,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, Interval]:
    """skill_score within each slice, as name -> (low, skill, high): worst first, ready for `intervals`.

    slices: the name of each row's slice (texts; a missing one is a slice of its own, "unknown"). p_true, q, naive and
    oracle as for skill_score; p_true may be labels 0 and 1. The interval is the percentile bootstrap of the ratio of
    sums over the slice's rows (Efron 1979), the same for the same seed. Slices of under `fewest` rows, and those in
    which the oracle gains less than 0.001 nats a row over `naive`, are left out.
    """
    p = np.asarray(p_true, dtype=np.float64)
    floor = log_losses(p, np.full(len(p), naive))
    gained, reachable = floor - log_losses(p, q), floor - log_losses(p, oracle)
    names = pd.Series(np.asarray(slices, dtype=object)).fillna("unknown").astype("str")
    found = {
        str(name): _interval(gained[rows], reachable[rows], draws, confidence, seed)
        for name, rows in names.groupby(names).indices.items()
        if len(rows) >= fewest and reachable[rows].mean() >= LEAST_GAIN
    }
    return dict(sorted(found.items(), key=lambda item: item[1][1]))


def _interval(gained: Floats, reachable: Floats, draws: int, confidence: float, seed: int) -> Interval:
    picks = np.random.default_rng(seed).integers(0, len(gained), (draws, len(gained)))
    tops, bottoms = gained[picks].sum(axis=1), reachable[picks].sum(axis=1)
    ratios = tops[bottoms > 0] / bottoms[bottoms > 0]
    skill = float(gained.sum() / reachable.sum())
    if not len(ratios):
        return skill, skill, skill
    low, high = np.quantile(ratios, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), skill, float(high)


def worst_slices(skills: Mapping[str, Interval], most: int = 3) -> list[str]:
    """The names of the slices with the least skill, worst first; skills: as skill_by_slice gives them."""
    return sorted(skills, key=lambda name: skills[name][1])[:most]


def caught(target: npt.ArrayLike, score: npt.ArrayLike, share: float) -> float:
    """The share (0..1) of all events among the `share` of rows with the largest score: gain, recall at a budget.

    target: labels 0 and 1, or true probabilities, which gives the expectation over labels. share: 0..1, at least one
    row. Rows of equal score at the edge count in proportion, so that the order of rows says nothing. A missing score
    ranks last. 0 where there are no events.
    """
    weight, rank = np.asarray(target, dtype=np.float64), np.asarray(score, dtype=np.float64)
    rank = np.where(np.isnan(rank), -np.inf, rank)
    budget = max(1, round(share * len(rank)))
    edge = np.sort(rank)[::-1][budget - 1]
    above, level = rank > edge, rank == edge
    found = weight[above].sum() + weight[level].mean() * (budget - above.sum())
    return float(found / weight.sum()) if weight.sum() > 0 else 0.0


def decision_value(target: npt.ArrayLike, score: npt.ArrayLike, oracle: npt.ArrayLike, share: float) -> float:
    """What `score` catches in the top `share` against what the oracle's ranking does: 1 is as good as can be.

    Arguments as for caught. A constant score has about share / caught(oracle). Raises ValueError when the oracle itself
    catches nothing.
    """
    best = caught(target, oracle, share)
    if best <= 0:
        raise ValueError("the oracle catches nothing: this world has no events to catch")
    return caught(target, score, share) / best
