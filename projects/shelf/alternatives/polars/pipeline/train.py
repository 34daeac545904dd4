"""Fits the model and measures it on the last five evenings that a whole known fortnight followed, with polars."""

import argparse
import datetime as dt
import json
from pathlib import Path

import polars as pl
from pipeline.demand import deviance
from pipeline.model import FLAGS, LEVELS, NUMBERS, fit

FORTNIGHT = dt.timedelta(days=14)
EVENINGS = 5
LEAST = 0.05
ORDER = ["as_of", "horizon", "store", "sku"]
DEVIANCES = ["deviance", "naive_deviance"]


def read_known(folder: Path) -> tuple[pl.DataFrame, dt.date]:
    """Rows whose sales were counted, and the evening to forecast from."""
    features = pl.read_parquet(folder / "features.parquet").with_columns(pl.col("as_of", "date").cast(pl.Date))
    known = features.filter(pl.col("split") == "train").drop_nulls(["sold", "stockout"]).sort(ORDER)
    return known, features["as_of"].max()


def measure(known: pl.DataFrame, evening: dt.date) -> pl.DataFrame:
    """Both deviances of each full shelf in the fortnight after an evening, by a model of that evening."""
    model = fit(known.filter(pl.col("date") <= evening))
    asked = known.filter((pl.col("as_of") == evening) & ~pl.col("stockout"))
    sold, usual = asked["sold"].to_numpy(), asked["level_56"].clip(lower_bound=LEAST).to_numpy()
    losses = {"deviance": deviance(sold, model.mean(asked)), "naive_deviance": deviance(sold, usual)}
    return asked.select("as_of").with_columns(**{name: pl.Series(values) for name, values in losses.items()})


def backtest(known: pl.DataFrame, today: dt.date) -> dict[str, object]:
    evenings = known["as_of"].unique().sort()
    tried = evenings.filter(evenings <= today - FORTNIGHT).tail(EVENINGS)
    losses = pl.concat([measure(known, evening) for evening in tried])
    by_evening = losses.group_by("as_of", maintain_order=True).agg(pl.len().alias("rows"), pl.col(DEVIANCES).mean())
    return {
        "origins": [{**row, "as_of": row["as_of"].isoformat()} for row in by_evening.to_dicts()],
        **{f"claimed_{name}": losses[name].mean() for name in DEVIANCES},
        "features": [*LEVELS, *FLAGS, *NUMBERS],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the demand model.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that feature wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0, help="unused: nothing here is random, by design")
    options = parser.parse_args()
    known, today = read_known(options.source)
    fit(known).save(options.out)
    (options.out / "report.json").write_text(json.dumps(backtest(known, today), indent=2))


if __name__ == "__main__":
    main()
