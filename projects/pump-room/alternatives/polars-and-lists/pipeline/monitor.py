"""Milestone 6 without pandas: polars for the weeks, plain lists for the alarms.

python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean --as-of 2024-05-06T00:00:00Z \
    --out build/monitor
"""

import argparse
import json
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
from pipeline.again import learn_again
from pipeline.feature import build
from pipeline.model import Model, load_model

WEEK = timedelta(weeks=1)
RUNNING = {"temp_c": (35, 85), "pressure_bar": (1.5, 8.5)}
OUTSIDE = 0.1
CHANGED = 0.15
# Half of the rows before a failure should stand above this share of all others; a model that knows its pumps has 0.9.
HALF_ABOVE = 0.7
FEWEST_ROWS = 48
WATCHED = 4
SCHEMA = {"week": pl.Int64, "detector": pl.String, "subject": pl.String, "value": pl.Float64, "threshold": pl.Float64}

Alarms = list[tuple[int, str, str, float, float]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stream", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    monitor(options.stream, options.model, options.source, options.out)


def monitor(stream: Path, served: Path, source: Path, out: Path) -> None:
    model, _ = load_model(served)
    pumps = pl.read_parquet(stream / "pumps.parquet")
    readings = pl.read_parquet(stream / "readings.parquet").join(pumps, on="pump_id")
    live = readings["ts"].min().replace(hour=0)
    readings = in_weeks(readings, live, timedelta())
    last = readings["week"].max()
    build(stream, out, pd.Timestamp(live + (last + 1) * WEEK))
    rows = pl.read_parquet(out / "features.parquet")
    rows = rows.with_columns(probability=pl.Series(model.probability(rows.to_dict(as_series=False))))
    alarms = wrong_units(readings)
    told = in_weeks(rows.join(pumps.select("pump_id", "site", "make"), on="pump_id"), live, timedelta(hours=72))
    told = without(told, alarms).filter(split="train")
    alarms += new_pumps(readings, pl.read_parquet(source / "pumps.parquet"))
    rung = other_failures(told, last)
    pl.DataFrame(alarms + rung, schema=SCHEMA, orient="row").write_parquet(out / "alarms.parquet")
    rows.select("row_id", "probability").write_parquet(out / "served.parquet")
    rows.drop("y", "probability").write_parquet(out / "features.parquet")
    week = lasting({alarm[0] for alarm in rung})
    reason = "nothing rang for long" if week is None else ", ".join(sorted({alarm[2] for alarm in rung}))
    (out / "decision.json").write_text(json.dumps({"retrain": week is not None, "week": week, "reason": reason}))
    wanted = model if week is None else learnt_again(model, told.filter(pl.col("week") >= week - WATCHED))
    wanted.save(out)


def lasting(rung: set[int]) -> int | None:
    """The first week that rang like the week before: a single one may be luck."""
    return min((week for week in rung if week - 1 in rung), default=None)


def in_weeks(table: pl.DataFrame, live: datetime, later: timedelta) -> pl.DataFrame:
    """With the week in which each row, or what comes of it, is known."""
    hours = (pl.col("ts") + later - live).dt.total_hours()
    known = hours if not later else hours - 1
    return table.with_columns(week=known // 168)


def wrong_units(readings: pl.DataFrame) -> Alarms:
    alarms: Alarms = []
    for name, (low, high) in RUNNING.items():
        outside = (~pl.col(name).is_between(low, high)).mean().alias("outside")
        shares = readings.group_by("week", "site").agg(outside).filter(pl.col("outside") > OUTSIDE).sort("week", "site")
        alarms += [(week, "contract", f"{name} at {site}", share, OUTSIDE) for week, site, share in shares.iter_rows()]
    return alarms


def without(rows: pl.DataFrame, alarms: Alarms) -> pl.DataFrame:
    """Rows of stations whose units were right until then."""
    for week, _, subject, _, _ in alarms:
        rows = rows.filter((pl.col("site") != subject.rpartition(" ")[2]) | (pl.col("week") < week))
    return rows


def new_pumps(readings: pl.DataFrame, known: pl.DataFrame) -> Alarms:
    """Of the pumps of a week, the share that was put up after all that the model learnt from."""
    newest = known["commissioned"].max()
    fresh = (pl.col("commissioned") > newest).mean().alias("fresh")
    shares = readings.unique(["week", "pump_id"]).group_by("week").agg(fresh).filter(pl.col("fresh") > CHANGED)
    return [(week, "population", "commissioned", share, CHANGED) for week, share in shares.sort("week").iter_rows()]


def other_failures(told: pl.DataFrame, last: int) -> Alarms:
    alarms: Alarms = []
    for week in range(2, last + 1):
        young = told.filter(pl.col("week").is_between(week - WATCHED + 1, week))
        parts = {"all": young, **{f"make {name}": part for (name,), part in young.group_by("make")}}
        for name, part in sorted(parts.items()):
            below = middle_failure(part)
            if below < HALF_ABOVE:
                alarms.append((week, "outcome", name, 1 - below, 1 - HALF_ABOVE))
    return alarms


def middle_failure(rows: pl.DataFrame) -> float:
    """Of the rows that no failure followed, the share called less risky than the middle one before a failure."""
    before, calm = (rows.filter(pl.col("y") == y)["probability"] for y in (1, 0))
    if len(before) < FEWEST_ROWS or calm.is_empty():
        return 1.0
    return float((calm < before.median()).mean())


def learnt_again(model: Model, rows: pl.DataFrame) -> Model:
    """The served model, and weights of its own for the make whose failures were foreseen worst."""
    worst = min(sorted(rows["make"].unique()), key=lambda make: middle_failure(rows.filter(make=make)))
    own = rows.filter(make=worst)
    again = learn_again(own.to_dict(as_series=False), own["y"].to_numpy().astype("float64"), int(worst == "Velo"))
    return Model({**model.arrays, **again})


if __name__ == "__main__":
    main()
