"""Clocks that are off and sensors that are not what they say: what is planted is logged, and the rest is left alone."""

import numpy as np
import pandas as pd

from worlds.defects.log import DefectLog
from worlds.defects.sensors import MovedDevice, OtherUnit, StuckAt, WrongClock
from worlds.sensors import DAY, RESTART, Clocks

START = 1_700_000_000


def make_clocks() -> Clocks:
    return Clocks(START, np.array([60.0, -30.0]), np.array([100.0, -50.0]), np.array([1 << 40, START + 3 * DAY]))


def test_a_clock_gains_and_starts_again() -> None:
    clocks = make_clocks()
    at = np.array([START, START + DAY, START + 3 * DAY])
    assert clocks.show(np.array([0, 0, 0]), at).tolist() == [START + 60, START + DAY + 160, START + 3 * DAY + 360]
    assert clocks.show(np.array([1]), np.array([START + 3 * DAY])).tolist() == [RESTART]


def test_comparisons_are_enough_to_find_the_time_again() -> None:
    clocks, end = make_clocks(), START + 6 * DAY
    compared = clocks.compare(DAY, end)
    for device in (0, 1):
        own = compared[compared["device"] == device]
        for restarted in (False, True):
            part = own[(own["ts_device"] < START - DAY) == restarted].sort_values("ts_device")
            if len(part) < 2:
                continue
            at = np.arange(part["ts_server"].min(), part["ts_server"].max(), 3601)
            shown = clocks.show(np.full(len(at), device), at)
            found = np.interp(shown, part["ts_device"], part["ts_server"])
            assert np.abs(found - at).max() < 2


def make_frame() -> pd.DataFrame:
    return pd.DataFrame({"record_id": list("abcdef"), "temp": [50.0, 51.0, 52.0, 53.0, 54.0, 55.0]})


def test_another_unit_is_planted_where_it_is_asked_for() -> None:
    log, rows = DefectLog(), np.array([True, False, False, False, False, True])
    spoilt = OtherUnit("readings", "temp", "fahrenheit", convert=lambda c: c * 1.8 + 32).plant(make_frame(), rows, log)
    assert spoilt["temp"].tolist() == [122.0, 51.0, 52.0, 53.0, 54.0, 131.0]
    assert log.frame()["record_id"].tolist() == ["a", "f"]


def test_a_stuck_sensor_repeats_the_first_of_each_stretch() -> None:
    log = DefectLog()
    spoilt = StuckAt("readings", "temp").plant(make_frame(), np.array([-1, 0, 0, 1, 1, -1]), log)
    assert spoilt["temp"].tolist() == [50.0, 51.0, 51.0, 53.0, 53.0, 55.0]
    assert log.frame()["action"].unique().tolist() == ["null"]


def test_devices_are_logged_by_name() -> None:
    log = DefectLog()
    MovedDevice("mountings", "pump_id", "moved_device").plant(["d_1"], ["p_1"], ["p_2"], log)
    WrongClock("clocks", "ts_device", "wrong_clock").plant(["d_1"], np.array([61.23]), log)
    assert log.frame()[["kind", "record_id", "truth", "corrupted"]].to_numpy().tolist() == [
        ["moved_device", "d_1", "p_1", "p_2"],
        ["wrong_clock", "d_1", "0", "61.2"],
    ]
