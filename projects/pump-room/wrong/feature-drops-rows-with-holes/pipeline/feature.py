"""Milestone 3: what was known about each pump every six hours, as far as it had happened.

python -m pipeline.feature --in build/clean --out build/feature --as-of 2024-05-06T00:00:00Z
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.signals import DAY, HOUR, static_columns
from pipeline.tables import read_table, write_table
from pipeline.windows import CHANNELS, STEP, WINDOW, window_columns

MARK = STEP * HOUR
HORIZON = 72 * HOUR
RECENT = 30 * DAY
FIRST_WEEK = 7 * DAY
FOR_EVER = 1 << 40


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the features of all pumps, as known on a day.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--as-of", required=True, help="today: nothing that happened later is known")
    options = parser.parse_args()
    build(options.source, options.out, pd.Timestamp(options.as_of))


def build(source: Path, out: Path, as_of: pd.Timestamp) -> None:
    readings, stops, pumps = (read_table(source, name) for name in ("readings", "stops", "pumps"))
    readings["at"], stops["from"] = seconds(readings["ts"]), seconds(stops["started_at"])
    stops["to"] = np.where(stops["ended_at"].isna(), FOR_EVER, seconds(stops["ended_at"]))
    pumps["born"] = seconds(pumps["commissioned"])
    start = readings["at"].min() // DAY * DAY
    marks = np.arange(start + MARK, readings["at"].max() + MARK + 1, MARK)
    heard, own = dict(list(readings.groupby("pump_id"))), dict(list(stops.groupby("pump_id")))
    tables = [
        of_pump(pump, heard[pump.pump_id], own.get(pump.pump_id, stops[:0]), marks)
        for pump in pumps.sort_values("pump_id").itertuples()
        if pump.pump_id in heard
    ]
    rows = pd.concat(tables, ignore_index=True)
    rows = with_outcome(rows[rows["at"] >= start + FIRST_WEEK].reset_index(drop=True), own, int(as_of.timestamp()))
    head = ["row_id", "pump_id", "ts", "split", "y"]
    rows = rows[[*head, *(name for name in rows.columns if name not in (*head, "at"))]]
    rows = rows.dropna()
    write_table(rows.astype(dict.fromkeys(WINDOW, "float32")), out, "features")


def seconds(moments: pd.Series) -> np.ndarray:
    """Seconds since 1970, whatever the unit of the column; nonsense where it is empty."""
    return moments.dt.as_unit("s").dt.tz_localize(None).to_numpy().astype("int64")


def of_pump(pump: Any, readings: pd.DataFrame, stops: pd.DataFrame, marks: np.ndarray) -> pd.DataFrame:
    """The rows of one pump: marks at which it runs and was heard of within the last step."""
    hours = np.arange(marks[0] - MARK, marks[-1], HOUR)
    place = (readings["at"].to_numpy() - hours[0]) // HOUR
    hourly = {name: np.full((1, len(hours)), np.nan) for name in CHANNELS}
    for name, values in hourly.items():
        values[0, place] = readings[name]
    ended = np.sort(stops["to"])
    life, life_at_mark = (np.searchsorted(ended, at, side="right")[None] for at in (hours, marks))
    heard = np.bincount(place, minlength=len(hours)).reshape(-1, STEP).any(axis=1)
    failed = np.sort(stops.loc[stops["kind"] == "failure", "from"])
    ts = pd.to_datetime(marks, unit="s", utc=True).as_unit("s")
    table = pd.DataFrame(
        {
            "row_id": pump.pump_id + "@" + ts.strftime("%Y-%m-%dT%H").to_numpy(dtype=object),
            "pump_id": pump.pump_id,
            "ts": ts,
            "at": marks,
            **static_columns(pump.make, pump.born, marks, np.append(readings["at"].min(), ended)[life_at_mark[0]]),
            "failures_30d": np.searchsorted(failed, marks) - np.searchsorted(failed, marks - RECENT),
            **{name: values[0] for name, values in window_columns(hourly, life, life_at_mark).items()},
        }
    )
    return table[heard & ~_stands(stops, marks)]


def _stands(stops: pd.DataFrame, marks: np.ndarray) -> np.ndarray:
    began, ended = (stops[name].to_numpy()[:, None] for name in ("from", "to"))
    return ((began <= marks) & (marks < ended)).any(axis=0)


def with_outcome(rows: pd.DataFrame, own: dict[str, pd.DataFrame], as_of: int) -> pd.DataFrame:
    """Split and outcome: whether the pump failed within the horizon, where that is known and nobody stopped it."""
    failed, serviced = (_begins_within(rows, own, kind) for kind in ("failure", "planned"))
    unknown = serviced | (rows["at"] + HORIZON > as_of).to_numpy()
    split = np.select([rows["at"] >= as_of, unknown], ["score", "open"], "train")
    return rows.assign(split=split, y=np.where(split == "train", failed.astype("int64"), -1))


def _begins_within(rows: pd.DataFrame, own: dict[str, pd.DataFrame], kind: str) -> np.ndarray:
    """Whether a stop of this kind begins at the row's moment or before the horizon ends."""
    begins = np.zeros(len(rows), dtype=bool)
    for pump_id, place in rows.groupby("pump_id").indices.items():
        if pump_id in own:
            stops, at = own[pump_id], rows["at"].to_numpy()[place]
            known = np.sort(stops.loc[stops["kind"] == kind, "from"])
            begins[place] = np.searchsorted(known, at) < np.searchsorted(known, at + HORIZON)
    return begins


if __name__ == "__main__":
    main()
