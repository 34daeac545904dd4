"""Milestone 1: load every source as it is, lose nothing silently, and say what could not be read.

python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest
"""

import argparse
import csv
import gzip
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.alarms_api import fetch_alarms

TEXT, WHOLE, NUMBER = pa.string(), pa.int64(), pa.float64()
TELEMETRY = pa.schema(
    [
        *(("source_file", TEXT), ("line_no", WHOLE), ("device_id", TEXT), ("ts_device", WHOLE)),
        *((name, NUMBER) for name in ("vib", "temp", "pressure", "load")),
    ]
)
CLOCKS = pa.schema([("device_id", TEXT), ("ts_device", WHOLE), ("ts_server", WHOLE)])
MOUNTINGS = pa.schema([(name, TEXT) for name in ("device_id", "pump_id", "valid_from", "valid_to")])
PUMPS = pa.schema([(name, TEXT) for name in ("pump_id", "site", "make", "commissioned")])
ORDERS = pa.schema(
    [
        ("order_id", WHOLE),
        *((name, TEXT) for name in ("pump_id", "opened_at", "closed_at", "planned", "cause", "status")),
    ]
)
ALARMS = pa.schema([(name, TEXT) for name in ("alarm_id", "pump_id", "code", "raised_at")])

FIELDS = 7
LONGEST_RAW = 500


def main() -> None:
    parser = argparse.ArgumentParser(description="Load the raw sources into typed tables.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the raw sources")
    parser.add_argument("--api", required=True, help="address of the alarms API")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    ingest(options.raw, options.api.rstrip("/"), options.out)


def ingest(raw: Path, api: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows, rejects, files = load_telemetry(raw)
    alarms = fetch_alarms(api)
    registry = json.loads((raw / "registry.json").read_text(encoding="utf-8"))
    _write(rows, TELEMETRY, out / "telemetry.parquet")
    _write(load_clocks(raw / "clock_sync.csv"), CLOCKS, out / "clock_sync.parquet")
    _write(list_mountings(registry), MOUNTINGS, out / "mountings.parquet")
    _write([tuple(pump[name] for name in PUMPS.names) for pump in registry["pumps"]], PUMPS, out / "pumps.parquet")
    _write(load_orders(raw / "work_orders.db"), ORDERS, out / "orders.parquet")
    _write([tuple(alarm[name] for name in ALARMS.names) for alarm in alarms], ALARMS, out / "alarms.parquet")
    (out / "rejects.jsonl").write_text("".join(json.dumps(reject) + "\n" for reject in rejects))
    (out / "manifest.json").write_text(json.dumps({"files": files, "alarms": len(alarms)}, indent=2))


def load_telemetry(raw: Path) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Packets, rejected lines, and one entry per file that accounts for each of its lines but the header."""
    rows: list[tuple[Any, ...]] = []
    rejects: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for path in sorted(raw.glob("telemetry_*.csv.gz")):
        content = path.read_bytes()
        lines = gzip.decompress(content).decode("utf-8", errors="replace").removesuffix("\n").split("\n")
        loaded, rejected = _load_lines(path.name, lines)
        rows += loaded
        rejects += rejected
        counts = {"lines": len(lines), "loaded": len(lines) - 1, "rejected": 0}
        files.append({"name": path.name, "sha256": hashlib.sha256(content).hexdigest(), **counts})
    return rows, rejects, files


def _load_lines(file: str, lines: Sequence[str]) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    rows, rejects = [], []
    for number, line in enumerate(lines[1:], start=2):
        try:
            rows.append((file, number, *read_packet(line)))
        except ValueError as error:
            rejects.append({"file": file, "line": number, "reason": str(error), "raw": line[:LONGEST_RAW]})
    return rows, rejects


def read_packet(line: str) -> tuple[Any, ...]:
    """Device, its clock, and the four channels exactly as sent; an empty cell is None."""
    fields = line.split(",")
    if len(fields) != FIELDS or fields[-1] != "ok":
        raise ValueError(f"not a whole packet: {len(fields)} fields, {FIELDS} expected, the last one ok")
    return fields[0], int(fields[1]), *(float(cell) if cell else None for cell in fields[2:6])


def load_clocks(path: Path) -> list[tuple[str, int, int]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["device_id"], int(row["ts_device"]), int(row["ts_server"])) for row in csv.DictReader(file)]


def list_mountings(registry: dict[str, Any]) -> list[tuple[Any, ...]]:
    """One row per device and pump that it sat on, with the times of both ends."""
    return [
        (device["device_id"], place["pump_id"], place["from"], place["to"])
        for device in registry["devices"]
        for place in device["mounted"]
    ]


def load_orders(path: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return connection.execute(f"SELECT {', '.join(ORDERS.names)} FROM work_orders").fetchall()
    finally:
        connection.close()


def _write(rows: Iterable[tuple[Any, ...]], schema: pa.Schema, path: Path) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema.names)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


if __name__ == "__main__":
    main()
