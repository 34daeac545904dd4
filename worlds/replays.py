"""Weeks that never were, made of days that were: whole days drawn again, put on later dates, and changed from a day on.

A day keeps its weekday, its clock times and everything that happened on it. What differs between two replays of one
length is luck alone. It does not know what the columns mean, nor what a change is for.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

WEEKDAYS = 7


@dataclass(frozen=True)
class Replay:
    """Which day (local midnight, without a zone) stands in for each day of the weeks to come."""

    drawn: pd.DatetimeIndex
    becomes: pd.DatetimeIndex
    zone: str

    def move(self, table: pd.DataFrame, moment: str, *others: str) -> pd.DataFrame:
        """The table's rows of the drawn days, as often as drawn, by `moment`; `others` keep their distance to it."""
        local = table[moment].dt.tz_convert(self.zone).dt.tz_localize(None)
        days = pd.DataFrame({"drawn": self.drawn.as_unit("s"), "becomes": self.becomes.as_unit("s")})
        rows = days.merge(table.assign(drawn=local.dt.normalize().dt.as_unit("s"), local=local), on="drawn")
        clock = rows["becomes"] + (rows["local"] - rows["drawn"])
        moved = clock.dt.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC")
        rest = {name: (moved + (rows[name] - rows[moment])).dt.as_unit("s") for name in others}
        rows = rows.assign(**{moment: moved.dt.as_unit("s")}, **rest)
        return rows.drop(columns=["drawn", "becomes", "local"]).sort_values(moment, kind="stable", ignore_index=True)


def draw_days(known: pd.DatetimeIndex, first: pd.Timestamp, number: int, zone: str, rng: np.random.Generator) -> Replay:
    """A replay of `number` days from `first` on: for each, one of the `known` days of the same weekday."""
    becomes = pd.date_range(first, periods=number, freq="D")
    pools = [known[known.day_of_week == weekday] for weekday in range(WEEKDAYS)]
    drawn = [pools[day.day_of_week][int(rng.integers(len(pools[day.day_of_week])))] for day in becomes]
    return Replay(pd.DatetimeIndex(drawn), becomes, zone)


def shift_values(table: pd.DataFrame, rows: np.ndarray, by: np.ndarray, *columns: str) -> pd.DataFrame:
    """The table with `by` (a number per row) added to these columns in some rows."""
    return table.assign(**{name: table[name] + np.where(rows, by, 0) for name in columns})


def scale_columns(table: pd.DataFrame, rows: np.ndarray, factor: float, *columns: str) -> pd.DataFrame:
    """The table with these columns in another unit in some rows; nothing else has changed."""
    return table.assign(**{name: table[name].mask(rows, table[name] * factor) for name in columns})


def thin_rows(table: pd.DataFrame, rows: np.ndarray, kept: float, rng: np.random.Generator) -> pd.DataFrame:
    """The table with a random share `kept` of some rows, and with all others."""
    return table[~rows | (rng.random(len(table)) < kept)].reset_index(drop=True)
