"""Milestone 2 in polars: the same rules, as expressions.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from pathlib import Path

import polars as pl
from pipeline.dictionary import (
    BUILT,
    FARTHEST_SIGHT,
    FASTEST_WIND,
    HOME_ZONE,
    KM_PER_MILE,
    MM_PER_INCH,
    PASSENGERS,
    UNLISTED_AIRPORTS,
)

Changes = list[pl.DataFrame]
DAY = 1440


def main() -> None:
    parser = argparse.ArgumentParser(description="Clean the tables that ingest made.")
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    raw = {
        name: pl.read_parquet(options.source / f"{name}.parquet")
        for name in ("flights", "weather", "planes", "airports")
    }
    changes: Changes = []
    airports = clean_airports(raw["airports"], changes)
    tables = {
        "airports": airports,
        "planes": clean_planes(raw["planes"], changes),
        "weather": clean_weather(raw["weather"], changes),
        "flights": clean_flights(raw["flights"], airports, changes),
    }
    for name, table in tables.items():
        table.write_parquet(options.out / f"{name}.parquet")
    pl.concat(changes).unique(maintain_order=True).write_parquet(options.out / "change_log.parquet")


def note(changes: Changes, table: str, ids: pl.Series, column: str, issue: str, action: str) -> None:
    told = (pl.lit(text).alias(name) for name, text in (("column", column), ("issue", issue), ("action", action)))
    changes.append(ids.alias("record_id").to_frame().select(pl.lit(table).alias("table"), "record_id", *told))


def clean_airports(airports: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    tidy = airports.select(pl.col("faa").str.strip_chars().str.to_uppercase(), "name", "tzone", typed=pl.col("faa"))
    note(changes, "airports", tidy.filter(pl.col("faa") != pl.col("typed"))["faa"], "faa", "as typed", "repair")
    rows = [{"faa": code, "name": name, "tzone": zone} for code, (name, zone) in UNLISTED_AIRPORTS.items()]
    return pl.concat([tidy.drop("typed"), pl.DataFrame(rows)])


def clean_planes(planes: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    note(changes, "planes", planes.filter(pl.col("tailnum").is_duplicated())["tailnum"], "*", "twice", "dedupe")
    known = pl.col("year").is_between(*BUILT)
    note(changes, "planes", planes.filter(~known)["tailnum"], "built", "unknown", "null")
    built = pl.when(known).then(pl.col("year").cast(pl.Float64)).alias("built")
    return planes.unique("tailnum", keep="first", maintain_order=True).select("tailnum", built, "seats")


def clean_weather(weather: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    metric = pl.col("unit") == "metric"
    miles = pl.when(metric).then(1 / KM_PER_MILE).otherwise(1.0)
    tidy = weather.select(
        "obs_id",
        pl.col("observed_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.replace_time_zone("UTC"),
        temp_f=pl.when(metric).then(pl.col("temp") * 9 / 5 + 32).otherwise(pl.col("temp")),
        wind_mph=pl.col("wind_speed") * miles,
        precip_in=pl.col("precip") * pl.when(metric).then(1 / MM_PER_INCH).otherwise(1.0),
        pressure_hpa="pressure",
        visib_mi=pl.col("visib") * miles,
    )
    impossible = {
        "visib_mi": (pl.col("visib_mi") < 0) | (pl.col("visib_mi") > FARTHEST_SIGHT + 0.01),
        "wind_mph": pl.col("wind_mph") > FASTEST_WIND,
    }
    for column, wrong in impossible.items():
        note(changes, "weather", tidy.filter(wrong)["obs_id"], column, "cannot be", "null")
    return tidy.with_columns(pl.when(~wrong).then(pl.col(name)).alias(name) for name, wrong in impossible.items())


def minutes(column: str) -> pl.Expr:
    digits = pl.col(column).str.replace(":", "").cast(pl.Int64)
    return digits // 100 * 60 + digits % 100


def clean_flights(messages: pl.DataFrame, airports: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    carries = pl.col("service") == PASSENGERS
    note(changes, "flights", messages.filter(~carries)["flight_id"], "*", "nobody on board", "drop")
    messages = messages.filter(carries)
    note(changes, "flights", messages.filter(pl.col("flight_id").is_duplicated())["flight_id"], "*", "again", "dedupe")
    flights = messages.sort("revision").unique("flight_id", keep="last", maintain_order=True)
    plain = pl.col("tailnum").str.strip_chars().str.to_uppercase().str.replace_all("-", "")
    note(changes, "flights", flights.filter(plain != pl.col("tailnum"))["flight_id"], "tailnum", "spelling", "repair")
    flights = with_moments(flights.with_columns(plain), airports)
    ends = {"dep": "sched_dep_time", "arr": "sched_arr_time"}
    for end, planned in ends.items():
        told = pl.col(f"{end}_delay").cast(pl.Float64)
        by_clock = (minutes(f"{end}_time") - minutes(planned)) % DAY
        seconds = ((told % DAY != by_clock) & (told / 60 % DAY == by_clock)).fill_null(False)
        note(changes, "flights", flights.filter(seconds)["flight_id"], f"{end}_delay_min", "seconds", "repair")
        flights = flights.with_columns(pl.when(seconds).then(told / 60).otherwise(told).alias(f"{end}_delay_min"))
    numbers = [
        pl.col("air_time").cast(pl.Float64).alias("air_time_min"),
        pl.col("distance").cast(pl.Int64).alias("distance_mi"),
    ]
    names = ["sched_dep_ts", "sched_arr_ts", "dep_delay_min", "arr_delay_min"]
    return flights.select("flight_id", "carrier", pl.col("flight").cast(pl.Int64), "tailnum", "dest", *names, *numbers)


def with_moments(flights: pl.DataFrame, airports: pl.DataFrame) -> pl.DataFrame:
    """Zone by zone, since a column of polars has one zone."""
    day = pl.when(pl.col("schema") == 1).then(pl.col("date").str.to_date("%Y-%m-%d", strict=False))
    day = day.otherwise(pl.col("date").str.to_date("%d.%m.%Y", strict=False))
    local = day.cast(pl.Datetime("us")) + pl.duration(minutes=minutes("sched_dep_time"))
    flights = flights.with_columns(sched_dep_ts=in_utc(local, HOME_ZONE))
    flights = flights.join(airports.select(dest="faa", zone="tzone"), on="dest", how="left")
    return pl.concat(
        [with_arrivals(part, str(zone)) for (zone,), part in flights.group_by("zone", maintain_order=True)]
    )


def with_arrivals(flights: pl.DataFrame, zone: str) -> pl.DataFrame:
    leaves = pl.col("sched_dep_ts").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    shown = leaves.dt.hour().cast(pl.Int64) * 60 + leaves.dt.minute()
    ahead = (minutes("sched_arr_time") - shown - 1) % DAY + 1
    return flights.with_columns(sched_arr_ts=in_utc(leaves + pl.duration(minutes=ahead), zone))


def in_utc(local: pl.Expr, zone: str) -> pl.Expr:
    return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


if __name__ == "__main__":
    main()
