"""Clock times of the archive as moments in UTC: which day, whose clock, and what an arrival after midnight is."""

import pandas as pd

from pipeline.dictionary import DATE_FORMATS, HOME_ZONE

DAY_MINUTES = 1440


def minutes_of(clock: pd.Series) -> pd.Series:
    """517 (first schema) and 05:17 (second) as minutes since midnight; null where there is no time."""
    digits = pd.to_numeric(clock.str.replace(":", "", regex=False))
    return digits // 100 * 60 + digits % 100


def departures(flights: pd.DataFrame) -> pd.Series:
    """The scheduled departure: a day and a clock time in New York."""
    day = pd.Series(pd.NaT, index=flights.index, dtype="datetime64[s]")
    for schema, pattern in DATE_FORMATS.items():
        rows = flights["schema"] == schema
        day[rows] = pd.to_datetime(flights.loc[rows, "date"], format=pattern).dt.as_unit("s")
    local = day + pd.to_timedelta(minutes_of(flights["sched_dep_time"]), unit="m").dt.as_unit("s")
    return _in_utc(local, HOME_ZONE)


def arrivals(sched_dep: pd.Series, planned_in: pd.Series, zones: pd.Series) -> pd.Series:
    """The scheduled arrival: the first moment after departure at which the destination's clock shows that time."""
    moments = pd.Series(pd.NaT, index=sched_dep.index, dtype="datetime64[s, UTC]")
    for zone, rows in zones.groupby(zones).groups.items():
        leaves = sched_dep[rows].dt.tz_convert(str(zone)).dt.tz_localize(None)
        ahead = (planned_in[rows] - leaves.dt.hour * 60 - leaves.dt.minute - 1) % DAY_MINUTES + 1
        moments[rows] = _in_utc(leaves + pd.to_timedelta(ahead, unit="m").dt.as_unit("s"), str(zone))
    return moments


def _in_utc(local: pd.Series, zone: str) -> pd.Series:
    return local.dt.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC")
