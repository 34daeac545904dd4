"""Weeks made of days that were: whole days, the same clock, the same weekday; and what changes where it is told to."""

import numpy as np
import pandas as pd
import pytest

from worlds.anchors import refit
from worlds.replays import Replay, draw_days, scale_columns, shift_values, thin_rows

ZONE = "America/New_York"
KNOWN = pd.date_range("2013-02-25", periods=28, freq="D")


@pytest.fixture
def replay() -> Replay:
    return draw_days(KNOWN, pd.Timestamp("2013-07-01"), 21, ZONE, np.random.default_rng(4))


@pytest.fixture
def table() -> pd.DataFrame:
    """Three events a day, one of them close to midnight, and each ends two hours later."""
    clocks = [day + pd.Timedelta(hours=hours) for day in KNOWN for hours in (0.5, 9, 23.5)]
    begins = pd.Series(pd.DatetimeIndex(clocks).tz_localize(ZONE).tz_convert("UTC").as_unit("s"))
    return pd.DataFrame({"begins": begins, "ends": begins + pd.Timedelta(hours=2), "number": range(len(begins))})


def test_a_day_stands_in_for_one_of_its_own_weekday(replay: Replay) -> None:
    assert (replay.drawn.day_of_week == replay.becomes.day_of_week).all()
    assert replay.drawn.isin(KNOWN).all()
    assert replay.drawn.duplicated().any()


def test_days_move_whole_and_keep_their_clock(replay: Replay, table: pd.DataFrame) -> None:
    moved = replay.move(table, "begins", "ends")
    local = moved["begins"].dt.tz_convert(ZONE)
    assert len(moved) == 3 * len(replay.becomes)
    assert (moved["ends"] - moved["begins"] == pd.Timedelta(hours=2)).all()
    assert moved["begins"].is_monotonic_increasing
    was = table.set_index("number")["begins"].dt.tz_convert(ZONE)[moved["number"]].reset_index(drop=True)
    assert (local.dt.strftime("%H:%M") == was.dt.strftime("%H:%M")).all()
    days = moved.assign(day=local.dt.date, was=was.dt.date).groupby("day")["was"].nunique()
    assert (days == 1).all()


def test_changes_stay_in_their_rows() -> None:
    table = pd.DataFrame({"delay": [1.0, 2.0, np.nan, 4.0], "other": [1.0, 1.0, 1.0, 1.0]})
    rows = np.array([False, True, True, False])
    assert shift_values(table, rows, np.array([9, 9, 9, 9]), "delay")["delay"].fillna(0).tolist() == [1, 11, 0, 4]
    assert scale_columns(table, rows, 60.0, "delay")["delay"].fillna(0).tolist() == [1, 120, 0, 4]
    assert thin_rows(table, rows, 0.0, np.random.default_rng(1))["delay"].tolist() == [1, 4]


def test_a_model_that_is_told_whom_a_change_touches_learns_it_there_and_only_there() -> None:
    rng = np.random.default_rng(2)
    said, touched = rng.uniform(0.05, 0.4, 8000), np.arange(8000) % 2 == 0
    real = np.where(touched, said + 0.4, said)
    outcome = (rng.random(8000) < real).astype("float64")
    again = refit(said, outcome, touched, np.arange(8000) < 6000)
    assert (again[~touched] == said[~touched]).all()
    assert np.abs(again - real)[touched].mean() < 0.03
