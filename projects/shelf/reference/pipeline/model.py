"""A Poisson regression that knows of empty shelves, in one JSON file: design, fitting, forecasts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.demand import asked_for, quantiles

FILE = "model.json"
SHARES = (0.1, 0.5, 0.9)
LEVELS = ("demand_14", "demand_28", "demand_56")
FLAGS = ("is_eve", "is_festival", "is_payday", "after_promo")
NUMBERS = ("horizon", "promo_known", "promo_share_28", "temp_forecast", "temp_usual", "rain_chance")
CODES = ("store", "sku", "kind", "category", "weekday")
RIDGE = 3.0
# How hard the old weights hold on when a few weeks pull at them.
LOYALTY = 60.0
ROUNDS = 14
ROUNDS_BEFORE_FILLING = 3
FADES_IN_DAYS = 7.0
DISPERSION = 0.1
OFTEN_EMPTY = 0.05
SMALLEST = 0.05

Columns = Mapping[str, Any]


def design(rows: Columns, codes: Mapping[str, list[str]]) -> np.ndarray:
    """(n, columns): what the logarithm of demand is a weighted sum of."""
    column = {name: np.asarray(rows[name], dtype="float64") for name in (*LEVELS, *FLAGS, *NUMBERS)}
    one = {name: np.asarray(rows[name]).astype(str) for name in CODES}
    weekday = np.char.add(np.char.add(one["kind"], "/"), one["weekday"])
    warmer = np.nan_to_num((column["temp_forecast"] - column["temp_usual"]) / 10)
    near = np.exp(-column["horizon"] / FADES_IN_DAYS)
    category, kind = _flags(one["category"], codes["category"]), _flags(one["kind"], codes["kind"])
    parts = [
        np.ones((len(near), 1)),
        np.log(np.column_stack([column[name] for name in LEVELS]) + 0.1),
        _flags(one["store"], codes["store"]),
        _flags(one["sku"], codes["sku"]),
        _flags(weekday, codes["kind/weekday"]),
        category * column["promo_known"][:, None],
        category * column["promo_share_28"][:, None],
        (column["promo_known"] * near)[:, None],
        category * warmer[:, None],
        kind * np.nan_to_num(column["rain_chance"])[:, None],
        np.column_stack([column[name] for name in FLAGS]),
    ]
    return np.hstack(parts)


def _flags(values: np.ndarray, codes: list[str]) -> np.ndarray:
    """(n, codes) of noughts and ones; a code that nobody has seen is all noughts."""
    return (values[:, None] == np.array(codes)).astype("float64")


@dataclass(frozen=True)
class Model:
    codes: dict[str, list[str]]
    weights: np.ndarray
    dispersion: float

    def mean(self, rows: Columns) -> np.ndarray:
        return np.maximum(np.exp(np.clip(design(rows, self.codes) @ self.weights, -4, 7)), SMALLEST)

    def forecast(self, rows: Columns) -> dict[str, np.ndarray]:
        mean = self.mean(rows)
        low, middle, high = quantiles(mean, self.dispersion, SHARES).T
        return {"mean": mean, "q10": low, "q50": middle, "q90": high}

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        content = {"codes": self.codes, "weights": self.weights.tolist(), "dispersion": self.dispersion}
        (folder / FILE).write_text(json.dumps(content, indent=1))


def load_model(folder: Path) -> tuple[Model, str]:
    """The model and its version, which changes when the file does."""
    content = (folder / FILE).read_bytes()
    saved = json.loads(content)
    model = Model(saved["codes"], np.array(saved["weights"]), saved["dispersion"])
    return model, hashlib.sha256(content).hexdigest()[:12]


def fit(rows: Columns) -> Model:
    """Fit on rows whose sales are known; where a shelf was emptied, at least what was sold was asked for."""
    codes = {name: sorted({str(value) for value in rows[name]}) for name in ("store", "sku", "kind", "category")}
    codes["kind/weekday"] = [f"{kind}/{day}" for kind in codes["kind"] for day in range(7)]
    sold, emptied = np.asarray(rows["sold"], dtype="float64"), np.asarray(rows["stockout"]).astype(bool)
    matrix = design(rows, codes)
    weights = _solve(matrix, sold, emptied)
    return Model(codes, weights, _dispersion(rows, sold, np.exp(np.clip(matrix @ weights, -4, 7)), emptied))


def _solve(matrix: np.ndarray, sold: np.ndarray, emptied: np.ndarray) -> np.ndarray:
    """Newton's steps; from the fourth on, what was asked for on emptied shelves is filled in anew before each."""
    weights = np.zeros(matrix.shape[1])
    weights[0] = np.log(sold.mean())
    penalty = np.full(matrix.shape[1], RIDGE)
    penalty[0] = 1e-6
    target = sold
    for step in range(ROUNDS):
        mean = np.exp(np.clip(matrix @ weights, -4, 7))
        if step >= ROUNDS_BEFORE_FILLING:
            target = np.where(emptied, asked_for(sold, mean, DISPERSION), sold)
        gradient = matrix.T @ (target - mean) - penalty * weights
        weights = weights + np.linalg.solve((matrix * mean[:, None]).T @ matrix + np.diag(penalty), gradient)
    return weights


def relearn(model: Model, rows: Columns) -> Model:
    """The model that some later weeks make of `model`: weights that they say nothing of stay where they were."""
    sold, emptied = np.asarray(rows["sold"], dtype="float64"), np.asarray(rows["stockout"]).astype(bool)
    matrix, weights = design(rows, model.codes), model.weights
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(matrix @ weights, -4, 7))
        target = np.where(emptied, asked_for(sold, mean, model.dispersion), sold)
        gradient = matrix.T @ (target - mean) - LOYALTY * (weights - model.weights)
        curvature = (matrix * mean[:, None]).T @ matrix + LOYALTY * np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, gradient)
    return replace(model, weights=weights)


def _dispersion(rows: Columns, sold: np.ndarray, mean: np.ndarray, emptied: np.ndarray) -> float:
    """By moments, on shelves that are hardly ever empty: elsewhere the high days are cut off."""
    shelf = np.unique(np.char.add(np.asarray(rows["store"]).astype(str), np.asarray(rows["sku"]).astype(str)),
                      return_inverse=True)[1]  # fmt: skip
    calm = (np.bincount(shelf, emptied) / np.bincount(shelf))[shelf] < OFTEN_EMPTY
    chosen = calm if calm.sum() > 500 else ~emptied
    excess = ((sold - mean) ** 2 - mean)[chosen].sum() / (mean[chosen] ** 2).sum()
    return float(np.clip(excess, 0.01, 1.0))
