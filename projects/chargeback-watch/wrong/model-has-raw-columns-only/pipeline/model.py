"""A logistic regression that is nothing but numbers in a JSON file: fitted here, loaded by batch and service."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.dictionary import CHANNELS
from pipeline.signals import NEW_MERCHANT_RISK

FILE = "model.json"
NUMBERS = ("log_amount", "device_newness", "days_since_signup")
CODES = {"channel": CHANNELS}
RIDGE = 3.0
STEPS = 25


@dataclass(frozen=True)
class Model:
    """Weights for scaled numbers and for codes, and the risk of each merchant on the day of training."""

    mean: list[float]
    scale: list[float]
    weights: list[float]
    intercept: float
    merchant_risk: dict[str, float]

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        """The probability of a dispute for each row of `columns` (name -> values, such as a data frame)."""
        numbers = (design_numbers(columns) - np.array(self.mean)) / np.array(self.scale)
        score = np.hstack([numbers, design_codes(columns)]) @ np.array(self.weights) + self.intercept
        return 1 / (1 + np.exp(-score))

    def risk_of(self, merchant_id: str) -> float:
        return self.merchant_risk.get(merchant_id, NEW_MERCHANT_RISK)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False))


def load_model(folder: Path) -> tuple[Model, str]:
    """The model, and its version: the beginning of the digest of its file."""
    content = (folder / FILE).read_bytes()
    return Model(**json.loads(content)), hashlib.sha256(content).hexdigest()[:12]


def design_numbers(columns: Mapping[str, Any]) -> np.ndarray:
    return np.column_stack([np.asarray(columns[name], dtype="float64") for name in NUMBERS])


def design_codes(columns: Mapping[str, Any]) -> np.ndarray:
    """One column per known code; a code that was never seen is a row of zeros."""
    parts = [np.asarray(columns[name], dtype=object)[:, None] == np.array(known) for name, known in CODES.items()]
    return np.hstack(parts).astype("float64")


def fit(columns: Mapping[str, Any], outcome: np.ndarray, merchant_risk: dict[str, float]) -> Model:
    """Fit by Newton's method with a ridge penalty on all weights but the intercept."""
    numbers = design_numbers(columns)
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0)
    scale[scale == 0] = 1.0
    design = np.hstack([(numbers - mean) / scale, design_codes(columns), np.ones((len(numbers), 1))])
    weights = _newton(design, outcome)
    return Model(mean.tolist(), scale.tolist(), weights[:-1].tolist(), float(weights[-1]), merchant_risk)


def _newton(design: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    penalty = np.full(design.shape[1], RIDGE)
    penalty[-1] = 1e-6
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (outcome - p) - penalty * weights
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    return weights
