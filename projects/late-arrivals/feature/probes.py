"""The inputs of feature's second run: the learner's own clean tables, as they would have stood on a bad afternoon."""

import shutil
from pathlib import Path

import pandas as pd

from grading.kit import Produced, Truth, table

FLIGHTS = {
    "flight_id": "string",
    "carrier": "string",
    "flight": "int",
    "tailnum": "string?",
    "dest": "string",
    "sched_dep_ts": "timestamp",
    "sched_arr_ts": "timestamp",
    "dep_delay_min": "float?",
    "arr_delay_min": "float?",
    "air_time_min": "float?",
    "distance_mi": "int",
}
READINGS = ("temp_f", "wind_mph", "precip_in", "pressure_hpa", "visib_mi")
WEATHER = {"obs_id": "string", "observed_at": "timestamp", **dict.fromkeys(READINGS, "float?")}
WHOLE = ("planes.parquet", "airports.parquet", "change_log.parquet")
BEFORE = pd.Timedelta(hours=2)


def past(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """Only flights asked about before the cut, only departures, arrivals and weather that had happened by then."""
    clean = produced.upstream["clean"]
    flights = table(clean, "flights.parquet", columns=FLIGHTS)
    weather = table(clean, "weather.parquet", columns=WEATHER)
    cut = pd.Timestamp(truth.json("meta")["cut"])
    left = flights.sched_dep_ts + pd.to_timedelta(flights.dep_delay_min, unit="m") < cut
    landed = flights.sched_arr_ts + pd.to_timedelta(flights.arr_delay_min, unit="m") < cut
    known = flights.assign(
        dep_delay_min=flights.dep_delay_min.where(left),
        arr_delay_min=flights.arr_delay_min.where(landed),
        air_time_min=flights.air_time_min.where(landed),
    )
    known[flights.sched_dep_ts - BEFORE < cut].to_parquet(prepared / "flights.parquet", index=False)
    weather[weather.observed_at < cut].to_parquet(prepared / "weather.parquet", index=False)
    for name in WHOLE:
        shutil.copyfile(clean.folder / name, prepared / name)
    return {"past": cut.strftime("%Y-%m-%dT%H:%M:%SZ")}
