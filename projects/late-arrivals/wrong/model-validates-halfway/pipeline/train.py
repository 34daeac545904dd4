"""Milestone 4: fit the model on flights whose arrival is known, and say honestly how good it will be.

python -m pipeline.train --in build/feature --out build/model --seed 7
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.model import CODES, NUMBERS, fit
from pipeline.tables import read_table

VALIDATION_SHARE = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the model of late arrivals.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that feature wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0, help="unused: nothing here is random, by design")
    options = parser.parse_args()
    train(read_table(options.source, "features"), options.out)


def train(features: pd.DataFrame, out: Path) -> None:
    known = features[features["split"] == "train"].sort_values(["sched_dep_ts", "flight_id"])
    report = validate(known)
    fit(known, known["y"].to_numpy()).save(out)
    (out / "report.json").write_text(json.dumps(report, indent=2))


def validate(known: pd.DataFrame) -> dict[str, object]:
    """The loss on the last quarter of a model that has only seen what came before: time order, never a random split."""
    cut = int(len(known) * (1 - VALIDATION_SHARE))
    earlier, later = known.iloc[:cut], known.iloc[cut : (cut + len(known)) // 2]
    outcome = later["y"].to_numpy()
    said = fit(earlier, earlier["y"].to_numpy()).probability(later)
    base = np.full(len(later), earlier["y"].mean())
    return {
        "claimed_logloss": log_loss(outcome, said),
        "claimed_base_logloss": log_loss(outcome, base),
        "validation_from": later["sched_dep_ts"].min().isoformat(),
        "validation_to": later["sched_dep_ts"].max().isoformat(),
        "features": [*NUMBERS, *CODES],
    }


def log_loss(outcome: np.ndarray, said: np.ndarray) -> float:
    said = np.clip(said, 1e-9, 1 - 1e-9)
    return float(-(outcome * np.log(said) + (1 - outcome) * np.log(1 - said)).mean())


if __name__ == "__main__":
    main()
