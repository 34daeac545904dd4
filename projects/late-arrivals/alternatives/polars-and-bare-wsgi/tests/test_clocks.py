"""Clock times as expressions: midnight, summer time, other zones; and weather in two systems of units."""

import polars as pl
from pipeline.clean import clean_weather, minutes, with_moments

LAYOUT = {
    "schema": [1, 1, 2],
    "date": ["2013-03-09", "2013-03-10", "10.03.2013"],
    "sched_dep_time": ["800", "800", "08:00"],
}


def test_both_layouts_give_the_same_minutes() -> None:
    clock = pl.DataFrame({"clock": ["517", "05:17", "30", "2400", None]})
    assert clock.select(minutes("clock"))["clock"].to_list() == [317, 317, 30, 1440, None]


def test_departures_know_summer_time_and_arrivals_the_clock_of_the_destination() -> None:
    flights = pl.DataFrame(LAYOUT | {"sched_arr_time": ["900", "700", "08:00"], "dest": ["PHX"] * 3})
    airports = pl.DataFrame({"faa": ["PHX"], "tzone": ["America/Phoenix"]})
    moments = with_moments(flights, airports).select(pl.col("sched_dep_ts", "sched_arr_ts").dt.strftime("%d %H:%M"))
    assert moments["sched_dep_ts"].to_list() == ["09 13:00", "10 12:00", "10 12:00"]
    assert moments["sched_arr_ts"].to_list() == ["09 16:00", "10 14:00", "10 15:00"]


def test_metric_weather_is_converted_and_codes_are_not() -> None:
    weather = pl.DataFrame(
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
    tidy = clean_weather(weather, changes := [])
    assert tidy["temp_f"].to_list() == [50.0, 50.0, 50.0]
    assert tidy["visib_mi"].round(2).to_list() == [10.0, 10.0, None]
    assert tidy["wind_mph"].round(2).to_list() == [None, 10.0, 0.0]
    assert pl.concat(changes)["record_id"].to_list() == ["c", "a"]
