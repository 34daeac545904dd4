"""A small convolutional network as plain numbers: what it is shown of a row, and its answer, with numpy alone.

Training (train.py) uses torch; answering needs no more than this.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from pipeline.again import MAKE, say_again
from pipeline.windows import CHANNELS, STEPS

FILE = "model.safetensors"
SEEN = (*CHANNELS, "vib_sd")
STATIC = ("is_velo", "age_years", "hours_since_service", "failures_30d")
POOL = 4

FAILURE_EUR = 4000
VISIT_EUR = 300


@dataclass(frozen=True)
class Model:
    """Weights by name, and the mean and scale of every input, as float32 arrays; and what one make has to say anew."""

    arrays: Mapping[str, np.ndarray]

    def probability(self, columns: Mapping[str, Any]) -> np.ndarray:
        """The probability of a failure within 72 hours for each row of `columns` (name -> values)."""
        window, static = scaled(self.arrays, *inputs(columns))
        a = self.arrays
        mixed = np.maximum(np.einsum("oc,ncs->nos", a["mix.weight"][:, :, 0], window) + a["mix.bias"][:, None], 0)
        parts = mixed.reshape(*mixed.shape[:2], -1, POOL)
        pooled = np.maximum(np.einsum("ock,nctk->not", a["pool.weight"], parts) + a["pool.bias"][:, None], 0)
        flat = np.concatenate([pooled.reshape(len(pooled), -1), static], axis=1)
        hidden = np.maximum(flat @ a["hidden.weight"].T + a["hidden.bias"], 0)
        score = hidden.astype("float64") @ a["out.weight"][0] + a["out.bias"][0]
        said = 1 / (1 + np.exp(-score))
        return say_again(a, columns, said) if MAKE in a else said

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(save(dict(sorted(self.arrays.items()))))


def load_model(folder: Path) -> tuple[Model, str]:
    """The model, and its version: the beginning of the digest of its file."""
    content = (folder / FILE).read_bytes()
    return Model(load(content)), hashlib.sha256(content).hexdigest()[:12]


def worth_a_visit(probability: np.ndarray) -> np.ndarray:
    """A visit costs less than the failure that it prevents with this probability."""
    return probability * FAILURE_EUR > VISIT_EUR


def inputs(columns: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(rows, channels, steps), the oldest step first, NaN where nothing is known; and (rows, static)."""
    window = np.stack(
        [np.stack([_floats(columns[f"{name}_{step:02d}"]) for step in reversed(range(STEPS))], 1) for name in SEEN], 1
    )
    static = np.stack([_floats(columns[name]) for name in STATIC], 1)
    static[:, STATIC.index("hours_since_service")] = np.log1p(static[:, STATIC.index("hours_since_service")])
    return window, static


def learn_scales(window: np.ndarray, static: np.ndarray) -> dict[str, np.ndarray]:
    scales = {
        "window.mean": np.nanmean(window, axis=(0, 2)),
        "window.scale": np.nanstd(window, axis=(0, 2)),
        "static.mean": static.mean(axis=0),
        "static.scale": np.maximum(static.std(axis=0), 1e-3),
    }
    return {name: values.astype("float32") for name, values in scales.items()}


def scaled(scales: Mapping[str, np.ndarray], window: np.ndarray, static: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """On a common scale; what is unknown stands at the mean, and a channel of its own says so."""
    level = (window - scales["window.mean"][:, None]) / scales["window.scale"][:, None]
    known = np.isfinite(level)
    shown = np.concatenate([np.where(known, level, 0), known[:, : len(CHANNELS)]], axis=1)
    return shown.astype("float32"), ((static - scales["static.mean"]) / scales["static.scale"]).astype("float32")


def _floats(values: Any) -> np.ndarray:
    return np.asarray(values, dtype="float32")
