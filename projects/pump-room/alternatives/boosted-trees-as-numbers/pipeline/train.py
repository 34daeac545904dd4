"""Grows the trees, and validates it pump by pump: whole pumps are left out in turn.

python -m pipeline.train --in build/feature --out build/model --seed 7
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from pipeline.trees import DEPTH, Model, signals
from sklearn.ensemble import HistGradientBoostingClassifier

FOLDS = 3
TREES = 120
CAREFUL = {"learning_rate": 0.06, "min_samples_leaf": 80, "l2_regularization": 5}


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


def fit(columns: pd.DataFrame, outcome: np.ndarray, number: int = TREES) -> Model:
    """Grown by scikit-learn, then laid out as plain arrays."""
    forest = HistGradientBoostingClassifier(max_depth=DEPTH, max_iter=number, early_stopping=False, **CAREFUL)
    forest.fit(signals(columns), outcome)
    trees = [part[0].nodes for part in forest._predictors]
    most = max(len(nodes) for nodes in trees)

    def stacked(field: str, kind: str) -> np.ndarray:
        return np.stack([np.resize(np.append(nodes[field], np.zeros(most)), most) for nodes in trees]).astype(kind)

    arrays = {
        "column": stacked("feature_idx", "int64"),
        "threshold": stacked("num_threshold", "float64"),
        "left": stacked("left", "int64"),
        "right": stacked("right", "int64"),
        "value": stacked("value", "float64"),
        "gap_left": stacked("missing_go_to_left", "bool"),
        "leaf": stacked("is_leaf", "bool"),
        "start": np.array(float(np.ravel(forest._baseline_prediction)[0])),
    }
    return Model(arrays)


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
