"""Fits the logistic regression, and validates it pump by pump: whole pumps are left out in turn.

python -m pipeline.train --in build/feature --out build/model --seed 7
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from pipeline.model import fit

FOLDS = 6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    train(options.source, options.out, options.seed)


def train(source: Path, out: Path, seed: int) -> None:
    rows = pd.read_parquet(source / "features.parquet")
    rows = rows[rows["split"] == "train"].reset_index(drop=True)
    outcome = rows["y"].to_numpy(dtype="float64")
    fold = folds_of(rows, seed)
    said, base = np.zeros(len(rows)), np.zeros(len(rows))
    for number in range(FOLDS):
        held = fold == number
        said[held] = fit(rows[~held], outcome[~held]).probability(rows[held])
        base[held] = outcome[~held].mean()
    fit(rows, outcome).save(out)
    validation = pd.DataFrame({"row_id": rows["row_id"], "fold": fold, "probability": said})
    validation.to_parquet(out / "validation.parquet", index=False)
    report = {
        "claimed_logloss": log_loss(outcome, said),
        "claimed_base_logloss": log_loss(outcome, base),
        "validation_from": str(rows["ts"].min().date()),
        "validation_to": str(rows["ts"].max().date()),
    }
    (out / "report.json").write_text(json.dumps(report))


def folds_of(rows: pd.DataFrame, seed: int) -> np.ndarray:
    """Each pump with all its rows in one fold."""
    pumps = sorted(rows["pump_id"].unique())
    number = dict(zip(pumps, np.random.default_rng(seed).permutation(len(pumps)) % FOLDS, strict=True))
    return rows["pump_id"].map(number).to_numpy(dtype="int64")


def log_loss(outcome: np.ndarray, said: np.ndarray) -> float:
    said = np.clip(said, 1e-6, 1 - 1e-6)
    return float(-np.where(outcome == 1, np.log(said), np.log(1 - said)).mean())


if __name__ == "__main__":
    main()
