"""A maintainer's model, for worlds whose true probabilities nobody knows: good work in reach, and no oracle.

A logistic regression with a ridge penalty, fitted by Newton's method (Hoerl & Kennard 1970; Cox 1958). numpy only.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RIDGE = 30.0
STEPS = 12


def anchor(numbers: Floats, codes: list[npt.NDArray[np.object_]], outcome: Floats, learnable: npt.ArrayLike) -> Floats:
    """A probability for every row, learnt from the `learnable` ones (bool) alone.

    numbers: rows x columns, scaled here. codes: columns of texts; one that no learnable row has adds nothing.
    """
    chosen = np.asarray(learnable, dtype=bool)
    mean, scale = numbers[chosen].mean(axis=0), numbers[chosen].std(axis=0)
    parts = [(numbers - mean) / np.where(scale == 0, 1, scale)]
    parts += [(column[:, None] == np.unique(column[chosen])).astype("float64") for column in codes]
    design = np.hstack([*parts, np.ones((len(numbers), 1))])
    return _sigmoid(design @ _fit(design[chosen], outcome[chosen]))


def refit(said: Floats, outcome: Floats, touched: npt.ArrayLike, learnable: npt.ArrayLike) -> Floats:
    """What was said, with level and slope learnt anew for the rows that a change has touched; others stay.

    said: probabilities in 0..1. touched, learnable: bool. It knows which rows those are, which no learner is told.
    """
    score = np.log(np.clip(said, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(said, 1e-6, 1 - 1e-6))
    design = np.column_stack([score, np.ones(len(score))])
    hit = np.asarray(touched, dtype=bool)
    chosen = hit & np.asarray(learnable, dtype=bool)
    return np.where(hit, _sigmoid(design @ _fit(design[chosen], outcome[chosen], ridge=1e-3)), said)


def _fit(design: Floats, outcome: Floats, ridge: float = RIDGE) -> Floats:
    penalty = np.full(design.shape[1], ridge)
    penalty[-1] = 1e-6
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = _sigmoid(design @ weights)
        gradient = design.T @ (outcome - p) - penalty * weights
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty), gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _sigmoid(score: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -40, 40))))
