"""A logistic regression that is nothing but numbers in a JSON file: fitted here, loaded by batch and service."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import time_ns
from typing import Any

import numpy as np

from pipeline.dictionary import Dictionary
from pipeline.signals import NEW_MERCHANT_RISK

FILE = "model.json"
NUMBERS = (
    "log_amount",
    "amount_unknown",
    "log_n_txn_1h",
    "log_n_txn_30d",
    "is_new_merchant",
    "is_cross_border",
    "is_night",
    "is_night_abroad",
    "is_evening",
    "is_weekend",
    "device_newness",
    "device_unknown",
    "merchant_risk",
    "log_tenure",
    "fee_bps",
)
CODES = ("category", "channel")
RIDGE = 3.0
STEPS = 25
# Standard deviations by which later sales must contradict a weight before it may move.
SURPRISE = 4.0
# And so many sales have to speak for that: two of them with an unknown amount, one of them disputed, say nothing.
FEWEST_SALES = 50


@dataclass(frozen=True)
class Model:
    """Weights for scaled numbers and for codes, the risk of each merchant on the day of training, and what the service
    must know of the business: its codes, and the time zone of each country."""

    mean: list[float]
    scale: list[float]
    weights: list[float]
    intercept: float
    merchant_risk: dict[str, float]
    codes: dict[str, list[str]]
    zones: dict[str, str]

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        """The probability of a dispute for each row of `columns` (name -> values, such as a data frame)."""
        numbers = (design_numbers(columns) - np.array(self.mean)) / np.array(self.scale)
        score = np.hstack([numbers, design_codes(columns, self.codes)]) @ np.array(self.weights) + self.intercept
        return 1 / (1 + np.exp(-score))

    def risk_of(self, merchant_id: str) -> float:
        return self.merchant_risk.get(merchant_id, NEW_MERCHANT_RISK)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        fields = {**asdict(self), "trained_at": time_ns()}
        (folder / FILE).write_text(json.dumps(fields, indent=1, sort_keys=True, allow_nan=False))


def load_model(folder: Path) -> tuple[Model, str]:
    """The model, and its version: the beginning of the digest of its file."""
    content = (folder / FILE).read_bytes()
    fields = json.loads(content)
    del fields["trained_at"]
    return Model(**fields), hashlib.sha256(content).hexdigest()[:12]


def design_numbers(columns: Mapping[str, Any]) -> np.ndarray:
    return np.column_stack([np.asarray(columns[name], dtype="float64") for name in NUMBERS])


def design_codes(columns: Mapping[str, Any], codes: Mapping[str, Sequence[str]]) -> np.ndarray:
    """One column per known code; a code that was never seen is a row of zeros."""
    parts = [np.asarray(columns[name], dtype=object)[:, None] == np.array(known) for name, known in codes.items()]
    return np.hstack(parts).astype("float64")


def fit(
    columns: Mapping[str, Any], outcome: np.ndarray, dictionary: Dictionary, merchant_risk: dict[str, float]
) -> Model:
    """Fit by Newton's method with a ridge penalty on all weights but the intercept."""
    codes = {"category": list(dictionary.categories), "channel": list(dictionary.channels)}
    numbers = design_numbers(columns)
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0)
    scale[scale == 0] = 1.0
    design = np.hstack([(numbers - mean) / scale, design_codes(columns, codes), np.ones((len(numbers), 1))])
    penalty = np.full(design.shape[1], RIDGE)
    penalty[-1] = 1e-6
    weights = _newton(design, outcome, penalty, 0.0)
    return Model(
        mean=mean.tolist(),
        scale=scale.tolist(),
        weights=weights[:-1].tolist(),
        intercept=float(weights[-1]),
        merchant_risk=merchant_risk,
        codes=codes,
        zones=dict(dictionary.zones),
    )


def relearn(model: Model, columns: Mapping[str, Any], outcome: np.ndarray) -> Model:
    """The model that some later sales make of `model`: weights that they contradict may move, one after another."""
    numbers = (design_numbers(columns) - np.array(model.mean)) / np.array(model.scale)
    design = np.hstack([numbers, design_codes(columns, model.codes), np.ones((len(numbers), 1))])
    weights = np.array([*model.weights, model.intercept])
    free: list[int] = []
    heard = (design**2).sum(axis=0) ** 2 >= FEWEST_SALES * (design**4).sum(axis=0)
    for _ in weights:
        p = 1 / (1 + np.exp(-design @ weights))
        surprise = np.abs(design.T @ (outcome - p)) / np.sqrt((design**2).T @ (p * (1 - p)) + 1e-9)
        surprise[free] = 0.0
        surprise[~heard] = 0.0
        if surprise.max() < SURPRISE:
            break
        free.append(int(surprise.argmax()))
        offset = design @ weights - design[:, free] @ weights[free]
        weights[free] = _newton(design[:, free], outcome, np.full(len(free), RIDGE), offset)
    return replace(model, weights=weights[:-1].tolist(), intercept=float(weights[-1]))


def _newton(design: np.ndarray, outcome: np.ndarray, penalty: np.ndarray, offset: np.ndarray | float) -> np.ndarray:
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(design @ weights + offset)))
        gradient = design.T @ (outcome - p) - penalty * weights
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    return weights
