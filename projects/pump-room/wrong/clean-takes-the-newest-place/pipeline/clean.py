"""Milestone 2: one true reading per pump and hour, and one row per stop.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from pathlib import Path

import pandas as pd

from pipeline.clocks import true_hours
from pipeline.sensors import mend
from pipeline.stops import list_stops
from pipeline.tables import read_table, write_table

READING = ["pump_id", "ts", "vib", "temp_c", "pressure_bar", "load", "quality"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Clean the tables that ingest made.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that ingest wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    clean(options.source, options.out)


def clean(source: Path, out: Path) -> None:
    pumps, alarms = read_table(source, "pumps"), read_table(source, "alarms")
    pumps["commissioned"] = moments(pumps["commissioned"])
    alarms["raised_at"] = moments(alarms["raised_at"])
    stops = list_stops(read_table(source, "orders"), alarms)
    packets = read_table(source, "telemetry").drop_duplicates(["device_id", "ts_device"], ignore_index=True)
    packets["ts"] = true_hours(packets, read_table(source, "clock_sync"))
    packets = find_pumps(packets, read_table(source, "mountings")).merge(pumps[["pump_id", "site"]], on="pump_id")
    readings = leave_out_standing(mend(packets), stops)
    write_table(readings[READING].sort_values(["pump_id", "ts"]), out, "readings")
    write_table(stops, out, "stops")
    write_table(alarms, out, "alarms")
    write_table(pumps, out, "pumps")


def moments(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, utc=True).dt.as_unit("s")


def find_pumps(packets: pd.DataFrame, mountings: pd.DataFrame) -> pd.DataFrame:
    """Packets with the pump that their device was mounted on at that hour."""
    mountings = mountings.assign(valid_from=moments(mountings["valid_from"])).sort_values("valid_from")
    places = mountings.drop_duplicates("device_id", keep="last")[["device_id", "pump_id"]]
    return packets.sort_values("ts").merge(places, on="device_id")


def leave_out_standing(readings: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Readings of pumps that ran."""
    started = stops[["pump_id", "started_at", "ended_at"]].sort_values("started_at")
    last = pd.merge_asof(readings.sort_values("ts"), started, left_on="ts", right_on="started_at", by="pump_id")
    stands = last["started_at"].notna() & (last["ended_at"].isna() | (last["ts"] < last["ended_at"]))
    return last[~stands]


if __name__ == "__main__":
    main()
