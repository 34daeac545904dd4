"""Milestone 2: one row per flight, in UTC, minutes and miles; repair what can be repaired, null what nobody knows.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.change_log import ChangeLog
from pipeline.clocks import arrivals, departures, minutes_of
from pipeline.dictionary import (
    BUILT,
    FARTHEST_SIGHT,
    FASTEST_WIND,
    KM_PER_MILE,
    MM_PER_INCH,
    PASSENGERS,
    UNLISTED_AIRPORTS,
)
from pipeline.tables import read_table, write_table

SECONDS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description="Clean the tables that ingest made.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that ingest wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    clean(options.source, options.out)


def clean(source: Path, out: Path) -> None:
    log = ChangeLog()
    airports = clean_airports(read_table(source, "airports"), log)
    write_table(airports, out, "airports")
    write_table(clean_planes(read_table(source, "planes"), log), out, "planes")
    write_table(clean_weather(read_table(source, "weather"), log), out, "weather")
    write_table(clean_flights(read_table(source, "flights"), airports, log), out, "flights")
    write_table(log.frame(), out, "change_log")


def clean_airports(airports: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    """One row per code, with those that the list never had."""
    codes = airports["faa"].str.strip().str.upper()
    log.note("airports", codes[codes != airports["faa"]], "faa", "small letters or spaces", "repair")
    unlisted = pd.DataFrame(
        [(code, *about) for code, about in UNLISTED_AIRPORTS.items()], columns=["faa", "name", "tzone"]
    )
    known = airports.assign(faa=codes)[["faa", "name", "tzone"]]
    return pd.concat([known, unlisted], ignore_index=True).drop_duplicates("faa").sort_values("faa")


def clean_planes(planes: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    """One row per tail number; `year` is the year in which the plane was built, where it is known."""
    repeated = planes["tailnum"].duplicated()
    log.note("planes", planes.loc[repeated, "tailnum"], "*", "listed twice", "dedupe")
    known = planes["year"].between(*BUILT)
    log.note("planes", planes.loc[~known, "tailnum"], "built", "code for unknown", "null")
    built = planes["year"].astype("float64").where(known)
    return planes.assign(built=built)[~repeated][["tailnum", "built", "seats"]].sort_values("tailnum")


def clean_weather(weather: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    """Fahrenheit, miles per hour, inches, miles; what the instruments cannot have seen is null."""
    metric = weather["unit"] == "metric"
    # A code stands for "unknown" in either system of units, so it is found before anything is converted.
    sight = weather["visib"] / np.where(metric, KM_PER_MILE, 1)
    unseen = (weather["visib"] < 0) | (sight > FARTHEST_SIGHT + 0.01)
    log.note("weather", weather.loc[unseen, "obs_id"], "visib_mi", "code for unknown", "null")
    wind = weather["wind_speed"] / np.where(metric, KM_PER_MILE, 1)
    impossible = wind > FASTEST_WIND
    log.note("weather", weather.loc[impossible, "obs_id"], "wind_mph", "no such wind", "null")
    tidy = pd.DataFrame(
        {
            "obs_id": weather["obs_id"],
            "observed_at": pd.to_datetime(weather["observed_at"], format="%Y-%m-%dT%H:%M:%SZ", utc=True),
            "temp_f": weather["temp"].where(~metric, weather["temp"] * 9 / 5 + 32),
            "wind_mph": wind.mask(impossible),
            "precip_in": weather["precip"] / np.where(metric, MM_PER_INCH, 1),
            "pressure_hpa": weather["pressure"],
            "visib_mi": sight.mask(unseen),
        }
    )
    return tidy.sort_values("observed_at")


def clean_flights(messages: pd.DataFrame, airports: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    flights = _one_row_per_flight(_with_passengers(messages, log), log)
    sched_dep = departures(flights)
    planned_out, planned_in = minutes_of(flights["sched_dep_time"]), minutes_of(flights["sched_arr_time"])
    tidy = pd.DataFrame(
        {
            "flight_id": flights["flight_id"],
            "carrier": flights["carrier"],
            "flight": flights["flight"].astype("int64"),
            "tailnum": _plain_tails(flights, log),
            "dest": flights["dest"],
            "sched_dep_ts": sched_dep,
            "sched_arr_ts": arrivals(sched_dep, planned_in, flights["dest"].map(airports.set_index("faa")["tzone"])),
            "dep_delay_min": _delay(flights, "dep", planned_out, log),
            "arr_delay_min": _delay(flights, "arr", planned_in, log),
            "air_time_min": pd.to_numeric(flights["air_time"]),
            "distance_mi": flights["distance"].astype("int64"),
        }
    )
    return tidy.sort_values(["sched_dep_ts", "flight_id"])


def _with_passengers(messages: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    empty = messages["service"] != PASSENGERS
    log.note("flights", messages.loc[empty, "flight_id"], "*", "flies without passengers", "drop")
    return messages[~empty]


def _one_row_per_flight(messages: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    """The message of the highest revision is the one that counts."""
    newest_last = messages.sort_values(["revision", "source_file", "line_no"], kind="stable")
    superseded = newest_last.duplicated("flight_id", keep="first")
    log.note("flights", newest_last.loc[superseded, "flight_id"], "*", "several messages", "dedupe")
    return newest_last[~superseded].reset_index(drop=True)


def _plain_tails(flights: pd.DataFrame, log: ChangeLog) -> pd.Series:
    plain = flights["tailnum"].str.strip().str.upper().str.replace("-", "", regex=False)
    rewritten = plain.notna() & (plain != flights["tailnum"])
    log.note("flights", flights.loc[rewritten, "flight_id"], "tailnum", "another spelling", "repair")
    return plain


def _delay(flights: pd.DataFrame, end: str, planned: pd.Series, log: ChangeLog) -> pd.Series:
    """Minutes of delay. Where the two clock times contradict the number, and agree with a sixtieth, it was seconds."""
    told = pd.to_numeric(flights[f"{end}_delay"])
    by_clock = (minutes_of(flights[f"{end}_time"]) - planned) % 1440
    seconds = (told % 1440 != by_clock) & (told / SECONDS % 1440 == by_clock)
    log.note("flights", flights.loc[seconds, "flight_id"], f"{end}_delay_min", "seconds", "repair")
    return told.where(~seconds, told / SECONDS)


if __name__ == "__main__":
    main()
