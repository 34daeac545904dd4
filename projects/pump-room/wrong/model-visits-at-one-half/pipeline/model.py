"""A logistic regression over means of a day, three days and a week, as numbers in a JSON file; numpy alone."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.windows import CHANNELS, STEPS

FILE = "model.json"
SPANS = (1, 4, 12, 28)
OWN = ("is_velo", "age_years", "failures_30d")
RIDGE = 20.0
STEPS_OF_NEWTON = 25

FAILURE_EUR = 4000
VISIT_EUR = 300


@dataclass(frozen=True)
class Model:
    mean: list[float]
    scale: list[float]
    weights: list[float]
    intercept: float

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        design = (signals(columns) - np.array(self.mean)) / np.array(self.scale)
        return 1 / (1 + np.exp(-(np.nan_to_num(design) @ np.array(self.weights) + self.intercept)))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1, allow_nan=False))


def load_model(folder: Path) -> tuple[Model, str]:
    content = (folder / FILE).read_bytes()
    return Model(**json.loads(content)), hashlib.sha256(content).hexdigest()[:12]


def worth_a_visit(probability: np.ndarray) -> np.ndarray:
    return probability > 0.5


def signals(columns: Mapping[str, Any]) -> np.ndarray:
    """(rows, signals): NaN where a window is empty."""
    parts = [np.log1p(np.asarray(columns["hours_since_service"], dtype="float64"))]
    parts += [np.asarray(columns[name], dtype="float64") for name in OWN]
    for name in (*CHANNELS, "vib_sd"):
        steps = np.stack([np.asarray(columns[f"{name}_{step:02d}"], dtype="float64") for step in range(STEPS)], 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            parts += [np.nanmean(steps[:, :span], axis=1) for span in SPANS]
    return np.stack(parts, 1)


def fit(columns: Mapping[str, Any], outcome: np.ndarray) -> Model:
    """Newton's method with a ridge penalty on all weights but the intercept."""
    raw = signals(columns)
    mean, scale = np.nanmean(raw, axis=0), np.maximum(np.nanstd(raw, axis=0), 1e-9)
    design = np.hstack([np.nan_to_num((raw - mean) / scale), np.ones((len(raw), 1))])
    penalty = np.append(np.full(raw.shape[1], RIDGE), 1e-6)
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS_OF_NEWTON):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (outcome - p) - penalty * weights
        weights = weights + np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty), gradient)
    return Model(mean.tolist(), scale.tolist(), weights[:-1].tolist(), float(weights[-1]))
