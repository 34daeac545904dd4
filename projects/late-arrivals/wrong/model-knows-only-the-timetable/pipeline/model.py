"""A logistic regression that is nothing but numbers in a JSON file: fitted here, loaded by batch and service."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

FILE = "model.json"
NUMBERS = ("block_min",)
CODES = ("local_hour", "carrier", "dest")
RIDGE = 30.0
STEPS = 12


@dataclass(frozen=True)
class Model:
    """Weights for scaled numbers and for the codes that were known on the day of training."""

    mean: list[float]
    scale: list[float]
    known: dict[str, list[str]]
    weights: list[float]
    intercept: float

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        """The chance of landing late for each row of `columns` (name -> values, such as a data frame)."""
        numbers = (design_numbers(columns) - np.array(self.mean)) / np.array(self.scale)
        score = np.hstack([numbers, design_codes(columns, self.known)]) @ np.array(self.weights) + self.intercept
        return 1 / (1 + np.exp(-score))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False))


def load_model(folder: Path) -> tuple[Model, str]:
    """The model, and its version: the beginning of the digest of its file."""
    content = (folder / FILE).read_bytes()
    return Model(**json.loads(content)), hashlib.sha256(content).hexdigest()[:12]


def design_numbers(columns: Mapping[str, Any]) -> np.ndarray:
    return np.column_stack([np.asarray(columns[name], dtype="float64") for name in NUMBERS])


def design_codes(columns: Mapping[str, Any], known: Mapping[str, list[str]]) -> np.ndarray:
    """One column per known code; a code that was never seen is a row of zeros."""
    parts = [np.asarray(columns[name]).astype(str)[:, None] == np.array(known[name]) for name in CODES]
    return np.hstack(parts).astype("float64")


def fit(columns: Mapping[str, Any], outcome: np.ndarray) -> Model:
    """Fit by Newton's method with a ridge penalty on all weights but the intercept."""
    numbers = design_numbers(columns)
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0)
    scale[scale == 0] = 1.0
    known = {name: np.unique(np.asarray(columns[name]).astype(str)).tolist() for name in CODES}
    design = np.hstack([(numbers - mean) / scale, design_codes(columns, known), np.ones((len(numbers), 1))])
    weights = _newton(design, outcome)
    return Model(mean.tolist(), scale.tolist(), known, weights[:-1].tolist(), float(weights[-1]))


def _newton(design: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    penalty = np.full(design.shape[1], RIDGE)
    penalty[-1] = 1e-6
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (outcome - p) - penalty * weights
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty), gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights
