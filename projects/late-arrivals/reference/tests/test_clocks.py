"""Clock times: midnight, summer time, other zones, and delays that contradict themselves."""

import pandas as pd

from pipeline.change_log import ChangeLog
from pipeline.clean import clean_weather
from pipeline.clocks import arrivals, departures, minutes_of


def test_both_layouts_give_the_same_minutes() -> None:
    assert minutes_of(pd.Series(["517", "05:17", "30", "2400"])).tolist() == [317, 317, 30, 1440]
    assert minutes_of(pd.Series([None, "5"], dtype="str")).isna().tolist() == [True, False]


def test_departures_know_summer_time_and_both_dates() -> None:
    flights = pd.DataFrame(
        {
            "schema": [1, 1, 2],
            "date": ["2013-03-09", "2013-03-10", "10.03.2013"],
            "sched_dep_time": ["800", "800", "08:00"],
        }
    )
    assert departures(flights).dt.strftime("%d %H:%M").tolist() == ["09 13:00", "10 12:00", "10 12:00"]


def test_arrivals_are_on_the_clock_at_the_destination() -> None:
    leaves = pd.Series(pd.to_datetime(["2013-07-01T13:00:00Z", "2013-07-02T02:30:00Z", "2013-07-01T13:00:00Z"]))
    zones = pd.Series(["Pacific/Honolulu", "America/New_York", "America/Phoenix"])
    lands = arrivals(leaves, pd.Series([14 * 60, 20, 11 * 60]), zones)
    assert lands.dt.strftime("%d %H:%M").tolist() == ["02 00:00", "02 04:20", "01 18:00"]


def test_metric_weather_is_converted_and_codes_are_not() -> None:
    weather = pd.DataFrame(
        {
            "obs_id": ["a", "b", "c"],
            "observed_at": ["2013-01-01T00:00:00Z", "2013-01-01T01:00:00Z", "2013-01-01T02:00:00Z"],
            "unit": ["us", "metric", "metric"],
            "temp": [50.0, 10.0, 10.0],
            "wind_speed": [1048.4, 16.093, 0.0],
            "precip": [0.1, 2.54, 0.0],
            "pressure": [1012.0, None, 1000.0],
            "visib": [10.0, 16.093, 99.9],
        }
    )
    log = ChangeLog()
    tidy = clean_weather(weather, log)
    assert tidy["temp_f"].tolist() == [50.0, 50.0, 50.0]
    assert tidy["visib_mi"].round(2).fillna(-1).tolist() == [10.0, 10.0, -1]
    assert tidy["wind_mph"].round(2).fillna(-1).tolist() == [-1, 10.0, 0.0]
    assert log.frame()["record_id"].tolist() == ["c", "a"]
