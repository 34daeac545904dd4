"""What one make of pump says since its wear looks different: a logistic regression over means, as plain numbers."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.windows import CHANNELS, STEPS

SPANS = (1, 4, 12, 28)
RIDGE = 20.0
STEPS_OF_NEWTON = 25
# The make it is about; a model without it has learnt once.
MAKE = "again.is_velo"

Arrays = dict[str, np.ndarray]


def learn_again(columns: Mapping[str, Any], outcome: np.ndarray, is_velo: int) -> Arrays:
    """Newton's method with a ridge penalty on all weights but the intercept."""
    raw = _signals(columns)
    mean, scale = np.nanmean(raw, axis=0), np.maximum(np.nanstd(raw, axis=0), 1e-9)
    design = np.hstack([np.nan_to_num((raw - mean) / scale), np.ones((len(raw), 1))])
    penalty = np.append(np.full(raw.shape[1], RIDGE), 1e-6)
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS_OF_NEWTON):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (outcome - p) - penalty * weights
        weights = weights + np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty), gradient)
    return {MAKE: np.array([is_velo]), "again.mean": mean, "again.scale": scale, "again.weights": weights}


def say_again(arrays: Mapping[str, np.ndarray], columns: Mapping[str, Any], said: np.ndarray) -> np.ndarray:
    """The mean of `said` and of what was learnt again; what is unknown stands at the mean."""
    level = np.nan_to_num((_signals(columns) - arrays["again.mean"]) / arrays["again.scale"])
    score = level @ arrays["again.weights"][:-1] + arrays["again.weights"][-1]
    return (1 / (1 + np.exp(-score)) + said) / 2


def _signals(columns: Mapping[str, Any]) -> np.ndarray:
    """(rows, signals): NaN where a window is empty."""
    parts = [np.log1p(np.asarray(columns["hours_since_service"], dtype="float64"))]
    parts.append(np.asarray(columns["age_years"], dtype="float64"))
    for name in (*CHANNELS, "vib_sd"):
        steps = np.stack([np.asarray(columns[f"{name}_{step:02d}"], dtype="float64") for step in range(STEPS)], 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is nothing
            parts += [np.nanmean(steps[:, :span], axis=1) for span in SPANS]
    return np.stack(parts, 1)
