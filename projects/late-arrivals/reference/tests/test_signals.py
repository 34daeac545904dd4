"""The columns of two flights, worked out by hand: one on a known morning, one about which nothing is known."""

import numpy as np
import pytest

from pipeline.board import Board
from pipeline.signals import Flights, local_clock, signals

HOUR = 3600
# 12 July 2013, 17:00 in New York.
LEAVES = 1373662800
ASKED = LEAVES - 2 * HOUR
UNKNOWN = np.nan


@pytest.fixture
def columns() -> dict[str, np.ndarray]:
    flights = Flights(
        sched_dep=np.array([LEAVES, LEAVES - 12 * HOUR]),
        sched_arr=np.array([LEAVES + 3 * HOUR, LEAVES - 10 * HOUR]),
        built=np.array([2004.0, UNKNOWN]),
        visib_mi=np.array([4.0, UNKNOWN]),
        precip_in=np.array([0.05, UNKNOWN]),
        wind_mph=np.array([55.0, UNKNOWN]),
    )
    scheduled = ASKED - 60 * np.array([150, 80, 70, 30])
    return signals(flights, Board(scheduled, np.array([10.0, 45.0, 30.0, UNKNOWN])))


def of_first(columns: dict[str, np.ndarray], *names: str) -> list[float]:
    return [float(columns[name][0]) for name in names]


def test_what_the_contract_names(columns: dict[str, np.ndarray]) -> None:
    names = ("local_hour", "block_min", "plane_age", "visib_known", "n_departed_2h", "late_share_2h", "n_overdue_3h")
    assert of_first(columns, *names) == [17, 180, 9, 4.0, 2, 0.5, 1]


def test_the_sky_is_bent_and_cut(columns: dict[str, np.ndarray]) -> None:
    assert of_first(columns, "haze", "rain", "wind") == pytest.approx([np.log(7), np.log(2), 40])


def test_the_mood_of_the_board_is_drawn_towards_the_usual(columns: dict[str, np.ndarray]) -> None:
    assert of_first(columns, "overdue_share", "late_2h", "late_6h") == pytest.approx([1 / 4, 1.75 / 7, 1.75 / 8])
    wanted = [np.log1p((75 + 50) / 7), np.log1p((85 + 50) / 8)]
    assert of_first(columns, "delay_2h", "delay_6h") == pytest.approx(wanted)


def test_what_nobody_knows_is_unknown_or_the_usual(columns: dict[str, np.ndarray]) -> None:
    unknown = [name for name, values in columns.items() if np.isnan(values[1])]
    assert unknown == ["plane_age", "visib_known", "late_share_2h"]
    told = {name: float(columns[name][1]) for name in ("haze", "rain", "wind", "overdue_share", "late_2h")}
    assert told == pytest.approx({"haze": 0, "rain": 0, "wind": 9, "overdue_share": 0, "late_2h": 0.15})
    assert columns["delay_6h"][1] == pytest.approx(np.log1p(10))


def test_hours_and_years_are_new_yorks() -> None:
    hours, years = local_clock([1357016400, 1357016399])
    assert (hours.tolist(), years.tolist()) == ([0, 23], [2013, 2012])
