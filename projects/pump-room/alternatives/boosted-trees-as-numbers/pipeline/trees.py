"""Gradient boosting over means of a day, three days and a week: grown by scikit-learn, kept and asked as arrays."""

import hashlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.windows import CHANNELS, STEPS

FILE = "model.npz"
SPANS = (1, 4, 12, 28)
OWN = ("is_velo", "age_years", "hours_since_service", "failures_30d")
DEPTH = 3
ANEW = "anew."


@dataclass(frozen=True)
class Model:
    """Trees as arrays (trees, nodes): column, threshold, left, right, value, and whether a gap goes left.

    Arrays whose name begins with `anew.` are trees that were grown later, for the pumps with this `anew.is_velo`.
    """

    arrays: Mapping[str, np.ndarray]

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        said = self._of_all(columns)
        if ANEW + "is_velo" not in self.arrays:
            return said
        own = {name.removeprefix(ANEW): values for name, values in self.arrays.items() if name.startswith(ANEW)}
        return np.where(np.asarray(columns["is_velo"]) == own["is_velo"], Model(own)._of_all(columns), said)

    def _of_all(self, columns: Mapping[str, Any]) -> np.ndarray:
        x, a = signals(columns), self.arrays
        score = np.full(len(x), float(a["start"]))
        rows = np.arange(len(x))
        for tree in range(len(a["value"])):
            node = np.zeros(len(x), dtype=int)
            for _ in range(DEPTH):
                seen = x[rows, a["column"][tree, node]]
                left = np.where(np.isnan(seen), a["gap_left"][tree, node], seen <= a["threshold"][tree, node])
                step = np.where(left, a["left"][tree, node], a["right"][tree, node])
                node = np.where(a["leaf"][tree, node], node, step)
            score += a["value"][tree, node]
        return 1 / (1 + np.exp(-score))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        packed = io.BytesIO()
        np.savez(packed, **self.arrays)
        (folder / FILE).write_bytes(packed.getvalue())


def load_model(folder: Path) -> tuple[Model, str]:
    content = (folder / FILE).read_bytes()
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Model(dict(arrays)), hashlib.sha256(content).hexdigest()[:12]


def signals(columns: Mapping[str, Any]) -> np.ndarray:
    parts = [np.asarray(columns[name], dtype="float64") for name in OWN]
    load = _means(columns, "load")
    parts += load
    for name in (*CHANNELS[:3], "vib_sd"):
        parts += _means(columns, name)
    return np.stack(parts, 1)


def _means(columns: Mapping[str, Any], name: str) -> list[np.ndarray]:
    steps = np.stack([np.asarray(columns[f"{name}_{step:02d}"], dtype="float64") for step in range(STEPS)], 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return [np.nanmean(steps[:, :span], axis=1) for span in SPANS]
