"""Milestone 1: load every source as it is, lose nothing silently, and say what could not be read.

python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest
"""

import argparse
import csv
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.diary import load_events
from pipeline.till_files import load_tills
from pipeline.weather_api import fetch_list


def _schema(**fields: pa.DataType) -> pa.Schema:
    return pa.schema(list(fields.items()))


TEXT, WHOLE, NUMBER = pa.string(), pa.int64(), pa.float64()
LINES = _schema(
    source_file=TEXT, line_no=WHOLE, store=TEXT, receipt=TEXT, line=WHOLE, till=WHOLE, moment=TEXT, kind=TEXT,
    article=TEXT, unit=TEXT, qty=TEXT, amount_raw=TEXT,
)  # fmt: skip
PROMOTIONS = _schema(
    promotion=TEXT, version=WHOLE, published_on=TEXT, starts_on=TEXT, ends_on=TEXT, article=TEXT, stores=TEXT,
    discount=NUMBER, planner=TEXT, status=TEXT,
)  # fmt: skip
FORECASTS = _schema(issued_at=TEXT, date=TEXT, temp=NUMBER, unit=TEXT, rain_chance=NUMBER)
OBSERVATIONS = _schema(date=TEXT, temp=NUMBER, unit=TEXT, rain_mm=NUMBER)
EVENTS = _schema(
    uid=TEXT, sequence=WHOLE, status=TEXT, starts=TEXT, ends=TEXT, category=TEXT, location=TEXT, summary=TEXT
)
ARTICLES = _schema(sku=TEXT, category=TEXT, price=NUMBER)
PACKS = _schema(sku=TEXT, pieces=WHOLE, valid_from=TEXT)
RENAMED = _schema(old_code=TEXT, sku=TEXT, since=TEXT)
STORES = _schema(store=TEXT, name=TEXT, kind=TEXT)


def main() -> None:
    parser = argparse.ArgumentParser(description="Load the raw sources into typed tables.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the raw sources")
    parser.add_argument("--api", required=True, help="address of the weather service")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    ingest(options.raw, options.api.rstrip("/"), options.out)


def ingest(raw: Path, api: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows, rejects, files = load_tills(raw)
    forecasts = fetch_list(api, "forecasts", ("issued_at", "date"))
    observations = fetch_list(api, "observations", ("date",))
    _write(rows, LINES, out / "lines.parquet")
    pq.write_table(pq.read_table(raw / "stock.parquet"), out / "stock.parquet")
    _write(load_promotions(raw / "promotions.json"), PROMOTIONS, out / "promotions.parquet")
    _write(_fields(forecasts, FORECASTS), FORECASTS, out / "forecasts.parquet")
    _write(_fields(observations, OBSERVATIONS), OBSERVATIONS, out / "observations.parquet")
    _write([(uid, int(number), *rest) for uid, number, *rest in load_events(raw / "calendar.ics")], EVENTS,
           out / "events.parquet")  # fmt: skip
    for name, schema in (("articles", ARTICLES), ("packs", PACKS), ("renamed", RENAMED)):
        _write(load_from_database(raw / "master.db", name, schema), schema, out / f"{name}.parquet")
    _write(load_stores(raw / "stores.csv"), STORES, out / "stores.parquet")
    (out / "rejects.jsonl").write_text("".join(json.dumps(reject) + "\n" for reject in rejects))
    counts = {"files": files, "forecasts": len(forecasts), "observations": len(observations)}
    (out / "manifest.json").write_text(json.dumps(counts, indent=2))


def load_promotions(path: Path) -> list[tuple[Any, ...]]:
    """Every version of every promotion; the stores as one text."""
    versions = json.loads(path.read_text(encoding="utf-8"))["versions"]
    for version in versions:
        if isinstance(version["stores"], list):
            version["stores"] = ",".join(version["stores"])
    return _fields(versions, PROMOTIONS)


def _fields(items: Iterable[dict[str, Any]], schema: pa.Schema) -> list[tuple[Any, ...]]:
    return [tuple(item[name] for name in schema.names) for item in items]


def load_from_database(path: Path, table: str, schema: pa.Schema) -> list[tuple[Any, ...]]:
    """Prices stand there as texts."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        rows = connection.execute(f"SELECT {', '.join(schema.names)} FROM {table}").fetchall()
    finally:
        connection.close()
    numbers = [field.type == NUMBER for field in schema]
    return [tuple(float(v) if number else v for v, number in zip(row, numbers, strict=True)) for row in rows]


def load_stores(path: Path) -> list[tuple[str, ...]]:
    """The office's CSV: Windows-1252, its separator found in the header."""
    text = path.read_bytes().decode("cp1252")
    separator = csv.Sniffer().sniff(text.splitlines()[0], delimiters=",;|\t").delimiter
    return [tuple(row[name] for name in STORES.names) for row in csv.DictReader(text.splitlines(), delimiter=separator)]


def _write(rows: Iterable[tuple[Any, ...]], schema: pa.Schema, path: Path) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema.names)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


if __name__ == "__main__":
    main()
