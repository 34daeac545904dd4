"""Boosted trees as arrays of their nodes. Answering needs nothing of the library that grew them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FILE = "model.json"
NUMBERS = (
    "haze",
    "rain",
    "wind",
    "overdue_share",
    "late_2h",
    "delay_2h",
    "late_6h",
    "delay_6h",
    "block_min",
    "local_hour",
)
CODES = ("carrier", "dest")


@dataclass(frozen=True)
class Trees:
    """All trees' nodes one after another; `roots` says where each tree begins, `ranks` gives codes their number."""

    ranks: dict[str, dict[str, int]]
    baseline: float
    depth: int
    roots: list[int]
    nodes: dict[str, list[float]]

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        rows = design(columns, self.ranks)
        node = {name: np.asarray(values) for name, values in self.nodes.items()}
        at = np.tile(np.array(self.roots), (len(rows), 1))
        which = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            low = rows[which, node["feature_idx"][at]] <= node["num_threshold"][at]
            at = np.where(node["is_leaf"][at] == 1, at, np.where(low, node["left"][at], node["right"][at]))
        return 1 / (1 + np.exp(-self.baseline - node["value"][at].sum(axis=1)))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(vars(self), allow_nan=False))


def design(columns: Mapping[str, Any], ranks: Mapping[str, Mapping[str, int]]) -> np.ndarray:
    """Numbers as they are; a code that was never seen gets the middle rank."""
    parts = [np.asarray(columns[name], dtype="float64") for name in NUMBERS]
    for name, known in ranks.items():
        parts.append(np.array([known.get(code, len(known) / 2) for code in columns[name]], dtype="float64"))
    return np.column_stack(parts)
