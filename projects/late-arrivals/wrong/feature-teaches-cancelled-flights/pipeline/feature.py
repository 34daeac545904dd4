"""Milestone 3: one row per flight with what was known two hours before it was to leave, nothing from later.

python -m pipeline.feature --in build/clean --out build/feature --as-of 2013-06-12T04:00:00Z
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.board import Board
from pipeline.dictionary import HOURS_BEFORE, LATE_MINUTES
from pipeline.signals import Flights, signals
from pipeline.tables import read_table, write_table


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the features of all flights, as known on a day.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--as-of", type=_moment, required=True, help="now, such as 2013-06-12T04:00:00Z")
    options = parser.parse_args()
    tables = {name: read_table(options.source, name) for name in ("flights", "weather", "planes")}
    write_table(build(**tables, as_of=options.as_of), options.out, "features")


def _moment(text: str) -> pd.Timestamp:
    return pd.Timestamp(datetime.fromisoformat(text).astimezone(UTC))


def build(flights: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    sched_dep = seconds_of(flights["sched_dep_ts"])
    board = Board(sched_dep, flights["dep_delay_min"].to_numpy(dtype="float64"))
    asked_at = flights["sched_dep_ts"] - pd.Timedelta(hours=HOURS_BEFORE)
    reading = _last_reading(weather, asked_at)
    known = Flights(
        sched_dep=sched_dep,
        sched_arr=seconds_of(flights["sched_arr_ts"]),
        built=flights["tailnum"].map(planes.set_index("tailnum")["built"]).to_numpy(dtype="float64"),
        visib_mi=reading["visib_mi"].to_numpy(dtype="float64"),
        precip_in=reading["precip_in"].to_numpy(dtype="float64"),
        wind_mph=reading["wind_mph"].to_numpy(dtype="float64"),
    )
    split = _split(flights, as_of)
    late = (flights["arr_delay_min"] > LATE_MINUTES).astype("int64")
    about = flights[["flight_id", "sched_dep_ts"]].assign(
        asked_at=asked_at,
        split=split,
        y=np.where(split == "train", late, -1),
        carrier=flights["carrier"],
        dest=flights["dest"],
    )
    return about.assign(**signals(known, board))


def _split(flights: pd.DataFrame, as_of: pd.Timestamp) -> np.ndarray:
    landed = flights["arr_delay_min"].notna()
    return np.where(flights["sched_dep_ts"] >= as_of, "score", np.where(landed, "train", "train"))


def _last_reading(weather: pd.DataFrame, asked_at: pd.Series) -> pd.DataFrame:
    """The last row of the weather observed at or before each moment; empty before the first."""
    asked = pd.DataFrame({"asked_at": asked_at.dt.as_unit("us"), "row": np.arange(len(asked_at))}).sort_values(
        "asked_at"
    )
    seen = weather.assign(observed_at=weather["observed_at"].dt.as_unit("us")).sort_values("observed_at")
    return pd.merge_asof(asked, seen, left_on="asked_at", right_on="observed_at").sort_values("row")


def seconds_of(moments: pd.Series) -> np.ndarray:
    return moments.dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype("int64")


if __name__ == "__main__":
    main()
