"""Slices of real flights: what is cut is what was asked for, and the package is read without being imported."""

import sys

import numpy as np
import pandas as pd
import pytest

from worlds import slices
from worlds.slices import Slice, find_data, read_flights, read_small, read_weather


@pytest.fixture(scope="module")
def march() -> pd.DataFrame:
    return read_flights(Slice("JFK", 65, 7, 0.5), np.random.default_rng(2))


def test_a_slice_holds_one_airport_its_days_and_a_part_of_its_routes(march: pd.DataFrame) -> None:
    piece = Slice("JFK", 65, 7, 0.5)
    assert set(march["origin"]) == {"JFK"}
    assert march["sched_dep"].between(piece.start, piece.end, inclusive="left").all()
    assert march["sched_dep"].is_monotonic_increasing
    everything = read_flights(Slice("JFK", 65, 7, 1.1), np.random.default_rng(2))
    routes, kept = (set(zip(part["carrier"], part["dest"], strict=True)) for part in (everything, march))
    assert kept < routes
    assert len(march) == sum(route in kept for route in zip(everything["carrier"], everything["dest"], strict=True))


def test_departures_follow_the_clock_over_the_change_to_summer_time(march: pd.DataFrame) -> None:
    """10 March 2013 had 23 hours in New York: 8:00 was 13:00 UTC the day before and 12:00 UTC on it."""
    eight = march[march["sched_dep_time"].between(800, 859)]
    assert set(eight.groupby("day")["sched_dep"].first().dt.hour.loc[[8, 9]]) == {13}
    assert set(eight.groupby("day")["sched_dep"].first().dt.hour.loc[[10, 11]]) == {12}
    assert Slice("JFK", 65, 7, 0.5).end - Slice("JFK", 65, 7, 0.5).start == pd.Timedelta(days=7) - pd.Timedelta(hours=1)


def test_weather_begins_a_day_early_and_small_tables_are_whole() -> None:
    piece = Slice("EWR", 10, 3, 0.5)
    weather = read_weather(piece)
    assert weather["observed_at"].min() == piece.start - pd.Timedelta(days=1)
    assert weather["observed_at"].max() < piece.end
    assert [len(read_small(name)) for name in ("planes", "airports", "airlines")] == [3322, 1458, 16]


def test_the_package_is_never_imported_and_its_absence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    find_data()
    assert slices.PACKAGE not in sys.modules
    monkeypatch.setattr(slices, "PACKAGE", "no_such_package")
    with pytest.raises(FileNotFoundError, match="scripts/bootstrap"):
        find_data()
