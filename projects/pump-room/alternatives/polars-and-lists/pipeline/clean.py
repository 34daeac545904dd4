"""Cleaning without pandas: polars for the packets, plain lists for the clocks and the orders.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

ZONE = ZoneInfo("Europe/Brussels")
FAILURES = ("bearing failure", "seal leak", "motor trip", "blocked impeller")
PLANNED = ("planned service", "yearly inspection", "cleaning")
WRITTEN_UP_WITHIN = timedelta(hours=7)
RESTARTED_BEFORE = 1_100_000_000
HOUR = 3600


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    clean(options.source, options.out)


def clean(source: Path, out: Path) -> None:
    names = ("telemetry", "clock_sync", "mountings", "pumps", "orders", "alarms")
    tables = {name: pl.read_parquet(source / f"{name}.parquet") for name in names}
    pumps = tables["pumps"].with_columns(_instant("commissioned", "%Y-%m-%d"))
    alarms = tables["alarms"].with_columns(_instant("raised_at", "%Y-%m-%dT%H:%M:%SZ"))
    stops = list_stops(tables["orders"], alarms)
    packets = on_pumps(at_true_hours(tables["telemetry"], tables["clock_sync"]), tables["mountings"])
    readings = mended(packets.join(pumps.select("pump_id", "site"), on="pump_id"))
    for name, table in {"pumps": pumps, "alarms": alarms, "stops": stops}.items():
        table.write_parquet(out / f"{name}.parquet")
    running(readings, stops).sort("pump_id", "ts").write_parquet(out / "readings.parquet")


def _instant(column: str, pattern: str) -> pl.Expr:
    return pl.col(column).str.to_datetime(pattern, time_zone="UTC")


def at_true_hours(telemetry: pl.DataFrame, clock_sync: pl.DataFrame) -> pl.DataFrame:
    """Packets once each, with `ts`, the hour between the two comparisons of their clock that lie around them."""
    packets = telemetry.unique(["device_id", "ts_device"], maintain_order=True)
    compared: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for device, shown, server in clock_sync.sort("ts_device").iter_rows():
        compared.setdefault((device, shown < RESTARTED_BEFORE), []).append((shown, server))
    hours = [
        _true_hour(compared[device, shown < RESTARTED_BEFORE], shown)
        for device, shown in packets.select("device_id", "ts_device").iter_rows()
    ]
    return packets.with_columns(pl.from_epoch(pl.Series("ts", hours), time_unit="s").dt.replace_time_zone("UTC"))


def _true_hour(known: list[tuple[int, int]], shown: int) -> int:
    place = min(max(bisect_right(known, (shown, 0)), 1), len(known) - 1)
    (shown_a, server_a), (shown_b, server_b) = known[place - 1], known[place]
    server = server_a + (shown - shown_a) * (server_b - server_a) / (shown_b - shown_a)
    return round((server - 15) / HOUR) * HOUR


def on_pumps(packets: pl.DataFrame, mountings: pl.DataFrame) -> pl.DataFrame:
    places = mountings.with_columns(_instant("valid_from", "%Y-%m-%dT%H:%M:%SZ")).sort("valid_from")
    places = places.select("device_id", "pump_id", pl.col("valid_from").cast(packets.schema["ts"]).alias("ts"))
    return packets.sort("ts").join_asof(places, on="ts", by="device_id", check_sortedness=False)


def mended(packets: pl.DataFrame) -> pl.DataFrame:
    """Channels in mm/s, degrees Celsius and bar, empty where nobody knows, and `quality`."""
    packets = packets.sort("device_id", "ts")
    no_probe = (pl.col("temp") == -40.0).fill_null(False)
    packets = packets.with_columns(no_probe=no_probe, temp=pl.when(no_probe).then(None).otherwise(pl.col("temp")))
    for name in ("vib", "temp", "pressure"):
        run = pl.struct("device_id", name).rle_id()
        stuck = (pl.len().over(run) >= 6) & pl.col(name).is_not_null()
        packets = packets.with_columns(stuck.alias(f"{name}_stuck"))
    hot = (pl.col("temp") > 90).fill_null(False)
    psi = pl.col("pressure").median().over("site") > 10
    packets = packets.with_columns(hot=hot, psi=psi)
    stuck = pl.any_horizontal("vib_stuck", "temp_stuck", "pressure_stuck")
    return packets.select(
        "pump_id",
        "ts",
        pl.when("vib_stuck").then(None).otherwise("vib").alias("vib"),
        pl.when("temp_stuck")
        .then(None)
        .when("hot")
        .then((pl.col("temp") - 32) / 1.8)
        .otherwise("temp")
        .alias("temp_c"),
        pl.when("pressure_stuck")
        .then(None)
        .when("psi")
        .then(pl.col("pressure") / 14.5038)
        .otherwise("pressure")
        .alias("pressure_bar"),
        "load",
        ((pl.col("hot") | pl.col("psi")).cast(pl.Int64) + 2 * stuck.cast(pl.Int64) + 4 * pl.col("no_probe")).alias(
            "quality"
        ),
    )


def list_stops(orders: pl.DataFrame, alarms: pl.DataFrame) -> pl.DataFrame:
    rung: dict[str, list[datetime]] = {}
    for pump, at in alarms.filter(code="E-STOP").sort("raised_at").select("pump_id", "raised_at").iter_rows():
        rung.setdefault(pump, []).append(at)
    stops = {}
    for order in orders.filter(pl.col("status") != "cancelled").iter_rows(named=True):
        opened, kind = _utc(order["opened_at"]), _kind(order["planned"], order["cause"])
        before = [at for at in rung.get(order["pump_id"], []) if opened - WRITTEN_UP_WITHIN <= at <= opened]
        began = before[-1] if kind == "failure" and before else opened
        ended = _utc(order["closed_at"]) if order["closed_at"] else None
        stops[order["pump_id"], opened] = (order["pump_id"], began, ended, kind)
    instant = pl.Datetime("us", "UTC")
    schema = {"pump_id": pl.String, "started_at": instant, "ended_at": instant, "kind": pl.String}
    return pl.DataFrame(list(stops.values()), schema=schema, orient="row").sort("pump_id", "started_at")


def _utc(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC)


def _kind(planned: str | None, cause: str) -> str:
    if planned is not None:
        return "planned" if planned == "1" else "failure"
    said = cause.strip().lower()
    nearest = max((*FAILURES, *PLANNED), key=lambda known: SequenceMatcher(None, said, known).ratio())
    return "failure" if nearest in FAILURES else "planned"


def running(readings: pl.DataFrame, stops: pl.DataFrame) -> pl.DataFrame:
    """Readings that no stop of their pump covers."""
    last = stops.select("pump_id", pl.col("started_at").alias("ts"), pl.col("started_at").alias("began"), "ended_at")
    seen = readings.sort("ts").with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
    seen = seen.join_asof(last.sort("ts"), on="ts", by="pump_id", check_sortedness=False)
    stands = pl.col("began").is_not_null() & (pl.col("ended_at").is_null() | (pl.col("ts") < pl.col("ended_at")))
    return seen.filter(~stands).drop("began", "ended_at")


if __name__ == "__main__":
    main()
