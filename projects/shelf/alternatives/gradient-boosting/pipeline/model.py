"""Gradient-boosted trees on how far demand is from the shelf's level, kept as plain arrays in one npz file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.demand import asked_for, quantiles

FILE = "model.npz"
SHARES = (0.1, 0.5, 0.9)
LEVELS = ("demand_14", "demand_28", "demand_56")
FLAGS = ("is_eve", "is_festival", "is_payday", "after_promo")
NUMBERS = ("horizon", "promo_known", "promo_share_28", "rain_chance", "weekday", "same_weekday_4")
CODES = ("store", "sku", "kind", "category")
FIELDS = ("value", "feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "is_leaf")
DISPERSION = 0.1
OFTEN_EMPTY = 0.05
SMALLEST = 0.05
KINDS = ("high_street", "station", "estate")
CATEGORIES = ("fruit", "baked", "ready")
NEWS = 15
# How hard the news have to insist: trees stay as they are, and what later weeks add to them is drawn to nought.
DOUBT = 60.0
STEPS = 12

Columns = Mapping[str, Any]


def level_of(rows: Columns) -> np.ndarray:
    """Mostly what was usual in the last four weeks, drawn towards the last eight."""
    short, middle, long = (np.asarray(rows[name], dtype="float64") for name in LEVELS)
    return np.maximum(0.25 * short + 0.45 * middle + 0.3 * long, 0.2)


def matrix_of(rows: Columns, codes: Mapping[str, list[str]]) -> np.ndarray:
    level = level_of(rows)
    columns = [np.asarray(rows[name], dtype="float64") for name in (*FLAGS, *NUMBERS)]
    columns[-1] = columns[-1] / level
    columns.append(np.asarray(rows["temp_forecast"], dtype="float64") - np.asarray(rows["temp_usual"], dtype="float64"))
    columns += [np.asarray(rows[name], dtype="float64") / level for name in LEVELS]
    for name in CODES:
        place = {code: number for number, code in enumerate(codes[name])}
        columns.append(np.array([place.get(str(value), -1) for value in rows[name]], dtype="float64"))
    kinds = (np.asarray(rows["kind"]).astype(str)[:, None] == np.array(codes["kind"])).astype("float64")
    rain = kinds * np.nan_to_num(np.asarray(rows["rain_chance"], dtype="float64"))[:, None]
    return np.column_stack([*columns, kinds, rain])


def news_of(rows: Columns) -> np.ndarray:
    """(n, NEWS): each kind and category, by itself and on the days on which customers may have changed."""
    kinds = (np.asarray(rows["kind"]).astype(str)[:, None] == np.array(KINDS)).astype("float64")
    categories = (np.asarray(rows["category"]).astype(str)[:, None] == np.array(CATEGORIES)).astype("float64")
    weekend = (np.asarray(rows["weekday"], dtype="float64") >= 5)[:, None]
    rain = np.nan_to_num(np.asarray(rows["rain_chance"], dtype="float64"))[:, None]
    promoted = np.asarray(rows["promo_known"], dtype="float64")[:, None]
    return np.hstack([kinds, categories, kinds * weekend, kinds * rain, categories * promoted])


@dataclass(frozen=True)
class Model:
    """`news` is nought until later weeks have something to add to the trees."""

    codes: dict[str, list[str]]
    base: float
    dispersion: float
    nodes: dict[str, np.ndarray]
    starts: np.ndarray
    news: np.ndarray

    def mean(self, rows: Columns) -> np.ndarray:
        ratio = np.exp(self.base + self._raw(matrix_of(rows, self.codes)) + news_of(rows) @ self.news)
        return np.maximum(level_of(rows) * ratio, SMALLEST)

    def _raw(self, matrix: np.ndarray) -> np.ndarray:
        """The sum of the leaves that each row falls into, all trees at once and level by level."""
        row = np.arange(len(matrix))
        total = np.zeros(len(matrix))
        for start in self.starts:
            place = np.full(len(matrix), start)
            while not self.nodes["is_leaf"][place].all():
                value = matrix[row, self.nodes["feature_idx"][place]]
                left = value <= self.nodes["num_threshold"][place]
                left = np.where(np.isnan(value), self.nodes["missing_go_to_left"][place].astype(bool), left)
                following = start + np.where(left, self.nodes["left"][place], self.nodes["right"][place])
                place = np.where(self.nodes["is_leaf"][place].astype(bool), place, following)
            total += self.nodes["value"][place]
        return total

    def forecast(self, rows: Columns) -> dict[str, np.ndarray]:
        mean = self.mean(rows)
        low, middle, high = quantiles(mean, self.dispersion, SHARES).T
        return {"mean": mean, "q10": low, "q50": middle, "q90": high}

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        numbers = {
            "base": np.array(self.base),
            "dispersion": np.array(self.dispersion),
            "starts": self.starts,
            "news": self.news,
        }
        codes = np.frombuffer(json.dumps(self.codes).encode(), dtype="uint8")
        np.savez(folder / FILE, codes=codes, **numbers, **self.nodes)


def load_model(folder: Path) -> tuple[Model, str]:
    """The model and its version, which changes when the file does."""
    version = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()[:12]
    with np.load(folder / FILE) as saved:
        nodes = {name: saved[name] for name in FIELDS}
        codes = json.loads(saved["codes"].tobytes())
        numbers = (float(saved["base"]), float(saved["dispersion"]))
        return Model(codes, *numbers, nodes, saved["starts"], saved["news"]), version


def fit(rows: Columns) -> Model:
    """Two rounds: the first takes emptied shelves at their word, the second at what was probably asked for there."""
    codes = {name: sorted({str(value) for value in rows[name]}) for name in CODES}
    sold, emptied = np.asarray(rows["sold"], dtype="float64"), np.asarray(rows["stockout"]).astype(bool)
    matrix, level = matrix_of(rows, codes), level_of(rows)
    mean = level
    for trees in (15, 70):
        target = np.where(emptied, asked_for(sold, mean, DISPERSION), sold)
        model, ratio = _grow(matrix, target / level, level, codes, trees)
        mean = np.maximum(level * ratio, SMALLEST)
    return replace(model, dispersion=_dispersion(rows, sold, mean, emptied))


def _grow(
    matrix: np.ndarray, ratio: np.ndarray, weight: np.ndarray, codes: dict[str, list[str]], trees: int
) -> tuple[Model, np.ndarray]:
    """The model, and its forecast ratio for each row of `matrix`."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - predict and serve can do without

    boosted = HistGradientBoostingRegressor(
        loss="poisson", max_iter=trees, learning_rate=0.15, max_leaf_nodes=10, min_samples_leaf=60,
        l2_regularization=20.0, early_stopping=False,
        max_bins=40, random_state=0,
    )  # fmt: skip
    boosted.fit(matrix, ratio, sample_weight=weight)
    parts = [stage[0].nodes for stage in boosted._predictors]
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    nodes = {name: np.concatenate([part[name] for part in parts]) for name in FIELDS}
    nodes = {
        name: values.astype("int64" if values.dtype.kind in "iub" else "float64") for name, values in nodes.items()
    }
    model = Model(codes, float(boosted._baseline_prediction.ravel()[0]), DISPERSION, nodes, starts, np.zeros(NEWS))
    return model, boosted.predict(matrix)


def relearn(model: Model, rows: Columns) -> Model:
    """The same trees, and on top of them what some later weeks insist on."""
    sold, emptied = np.asarray(rows["sold"], dtype="float64"), np.asarray(rows["stockout"]).astype(bool)
    matrix, before, news = news_of(rows), model.mean(rows), np.zeros(NEWS)
    for _ in range(STEPS):
        mean = before * np.exp(matrix @ news)
        target = np.where(emptied, asked_for(sold, mean, model.dispersion), sold)
        curvature = (matrix * mean[:, None]).T @ matrix + DOUBT * np.eye(NEWS)
        news = news + np.linalg.solve(curvature, matrix.T @ (target - mean) - DOUBT * news)
    return replace(model, news=model.news + news)


def _dispersion(rows: Columns, sold: np.ndarray, mean: np.ndarray, emptied: np.ndarray) -> float:
    """By moments, on shelves that are hardly ever empty: elsewhere the high days are cut off."""
    names = np.char.add(np.asarray(rows["store"]).astype(str), np.asarray(rows["sku"]).astype(str))
    shelf = np.unique(names, return_inverse=True)[1]
    calm = (np.bincount(shelf, emptied) / np.bincount(shelf))[shelf] < OFTEN_EMPTY
    chosen = calm if calm.sum() > 500 else ~emptied
    excess = ((sold - mean) ** 2 - mean)[chosen].sum() / (mean[chosen] ** 2).sum()
    return float(np.clip(excess, 0.05, 1.0))
