"""Gradient boosting of stumps by Newton steps (Friedman 2001; Chen and Guestrin 2016), kept as arrays."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.dictionary import Dictionary
from pipeline.signals import NEW_MERCHANT_RISK

FILE = "model.npz"
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
ROUNDS = 700
RATE = 0.08
BINS = 16
# Added to the curvature of each leaf: how many disputes' worth of doubt a leaf begins with.
DOUBT = 8.0
LEAST_WEIGHT = 1.5
ROUNDS_AGAIN = 60


@dataclass(frozen=True)
class Model:
    """Each stump asks whether a column is above an edge; the score is the sum of what they answer."""

    start: float
    column: np.ndarray
    edge: np.ndarray
    below: np.ndarray
    above: np.ndarray
    merchant_risk: dict[str, float]
    codes: dict[str, list[str]]
    zones: dict[str, str]

    def score(self, design: np.ndarray) -> np.ndarray:
        return self.start + np.where(design[:, self.column] > self.edge, self.above, self.below).sum(axis=1)

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        return sigmoid(self.score(make_design(columns, self.codes)))

    def risk_of(self, merchant_id: str) -> float:
        return self.merchant_risk.get(merchant_id, NEW_MERCHANT_RISK)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        words = {"merchant_risk": self.merchant_risk, "codes": self.codes, "zones": self.zones, "start": self.start}
        told = np.frombuffer(json.dumps(words, sort_keys=True).encode(), dtype="uint8")
        stumps = {name: getattr(self, name) for name in ("column", "edge", "below", "above")}
        with (folder / FILE).open("wb") as file:
            np.savez(file, told=told, **stumps)


def load_model(folder: Path) -> tuple[Model, str]:
    with np.load(folder / FILE, allow_pickle=False) as arrays:
        stumps = {name: arrays[name] for name in ("column", "edge", "below", "above")}
        words = json.loads(arrays["told"].tobytes())
    return Model(**stumps, **words), hashlib.sha256((folder / FILE).read_bytes()).hexdigest()[:12]


def sigmoid(score: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-score))


def make_design(columns: Mapping[str, Any], codes: Mapping[str, list[str]]) -> np.ndarray:
    numbers = [np.asarray(columns[name], dtype="float64") for name in NUMBERS]
    flags = [np.asarray(columns[name], dtype=object) == code for name, known in codes.items() for code in known]
    return np.column_stack([*numbers, *flags]).astype("float64")


def fit(
    columns: Mapping[str, Any], outcome: np.ndarray, dictionary: Dictionary, merchant_risk: dict[str, float]
) -> Model:
    codes = {"category": list(dictionary.categories), "channel": list(dictionary.channels)}
    rate = float(np.mean(outcome))
    none = np.zeros(0)
    empty = Model(
        np.log(rate / (1 - rate)), none.astype(int), none, none, none, merchant_risk, codes, dict(dictionary.zones)
    )
    return boost(empty, make_design(columns, codes), outcome, ROUNDS)


def relearn(model: Model, columns: Mapping[str, Any], outcome: np.ndarray) -> Model:
    """A few more stumps on top of all the old ones, for what these sales contradict."""
    return boost(model, make_design(columns, model.codes), outcome, ROUNDS_AGAIN)


def boost(model: Model, design: np.ndarray, outcome: np.ndarray, rounds: int) -> Model:
    """Add `rounds` stumps, each the one that lowers the log loss most, by a step of RATE."""
    edges = [np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])) for values in design.T]
    bins = np.column_stack([np.searchsorted(edge, values) for edge, values in zip(edges, design.T, strict=True)])
    cells = (bins + BINS * np.arange(design.shape[1])).ravel()
    real = np.zeros((design.shape[1], BINS), dtype=bool)
    for number, edge in enumerate(edges):
        real[number, : len(edge)] = True
    score, stumps = model.score(design), []
    for _ in range(rounds):
        stumps.append(_best_stump(score, outcome, cells, real, edges))
        column, edge, below, above = stumps[-1]
        score = score + np.where(design[:, column] > edge, above, below)
    columns, *values = (np.array(part) for part in zip(*stumps, strict=True))
    names = ("column", "edge", "below", "above")
    grown = {
        name: np.concatenate([getattr(model, name), new]) for name, new in zip(names, (columns, *values), strict=True)
    }
    return replace(model, **grown)


def _best_stump(
    score: np.ndarray, outcome: np.ndarray, cells: np.ndarray, real: np.ndarray, edges: list[np.ndarray]
) -> tuple[int, float, float, float]:
    p = sigmoid(score)
    columns = len(real)
    sums = [
        np.bincount(cells, np.repeat(weight, columns), minlength=columns * BINS).reshape(columns, BINS).cumsum(axis=1)
        for weight in (outcome - p, p * (1 - p))
    ]
    (slope, slope_all), (weight, weight_all) = ((part, part[:, -1:]) for part in sums)
    gain = slope**2 / (weight + DOUBT) + (slope_all - slope) ** 2 / (weight_all - weight + DOUBT)
    gain[~real | (weight < LEAST_WEIGHT) | (weight_all - weight < LEAST_WEIGHT)] = -np.inf
    column, place = np.unravel_index(int(gain.argmax()), gain.shape)
    below = RATE * slope[column, place] / (weight[column, place] + DOUBT)
    rest = slope_all[column, 0] - slope[column, place], weight_all[column, 0] - weight[column, place]
    return int(column), float(edges[column][place]), float(below), float(RATE * rest[0] / (rest[1] + DOUBT))
