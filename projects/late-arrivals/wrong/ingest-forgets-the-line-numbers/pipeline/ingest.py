"""Milestone 1: load every line of every source, or reject it with a reason. Nothing is repaired here.

python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.dictionary import FIRST_SCHEMA, SECOND_SCHEMA
from pipeline.tables import write_table
from pipeline.weather_api import fetch_weather

SCHEMAS = {tuple(FIRST_SCHEMA): 1, tuple(SECOND_SCHEMA): 2}
READINGS = ["temp", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Load all sources into tables.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the sources")
    parser.add_argument("--api", required=True, help="address of the weather service")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    ingest(options.raw, options.api, options.out)


def ingest(raw: Path, api: str, out: Path) -> None:
    tables, rejects, files = [], [], []
    for path in sorted(raw.glob("flights_*.csv.gz")):
        loaded, rejected, about = load_flights(path)
        tables.append(loaded)
        rejects += rejected
        files.append(about)
    write_table(pd.concat(tables, ignore_index=True), out, "flights")
    (out / "rejects.jsonl").write_text("".join(json.dumps(reject) + "\n" for reject in rejects))
    weather = pd.DataFrame(fetch_weather(api))
    write_table(weather.astype(dict.fromkeys(READINGS, "float64")), out, "weather")
    for name in ("planes", "airlines"):
        write_table(load_database(raw / "fleet.db", name), out, name)
    write_table(load_airports(raw / "airports.csv"), out, "airports")
    (out / "manifest.json").write_text(json.dumps({"files": files, "observations": len(weather)}, indent=1))


def load_flights(path: Path) -> tuple[pd.DataFrame, list[dict[str, Any]], dict[str, Any]]:
    """The messages of one file as text, the lines that are none, and the file's entry in the manifest.

    Line 1 is the first line after the header.
    """
    packed = path.read_bytes()
    text = gzip.decompress(packed).decode("utf-8")
    header, *lines = text.splitlines()
    delimiter = ";" if ";" in header else ","
    names = tuple(header.split(delimiter))
    schema = SCHEMAS[tuple(sorted(names, key=_place))]
    meanings = FIRST_SCHEMA if schema == 1 else SECOND_SCHEMA
    loaded, rejects = [], []
    for number, cells in enumerate(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter), start=1):
        if len(cells) == len(names):
            loaded.append((number, *(cell or None for cell in cells)))
        else:
            reason = f"{len(cells)} fields where there should be {len(names)}"
            rejects.append({"file": path.name, "line": number, "reason": reason, "raw": lines[number - 1]})
    table = pd.DataFrame(loaded, columns=["line_no", *(meanings[name] for name in names)])
    table = table.drop(columns=["line_no"]).assign(source_file=path.name, schema=schema, revision=table["revision"].astype("int64"))
    about = {"name": path.name, "sha256": hashlib.sha256(packed).hexdigest(), "lines": len(lines)}
    return table, rejects, {**about, "loaded": len(loaded), "rejected": len(rejects)}


def _place(name: str) -> int:
    """Where a field stands in the dictionary, whatever the order of the columns in the file."""
    known = list(FIRST_SCHEMA) if name in FIRST_SCHEMA else list(SECOND_SCHEMA)
    return known.index(name)


def load_database(path: Path, table: str) -> pd.DataFrame:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return pd.read_sql_query(f'SELECT * FROM "{table}"', connection)
    finally:
        connection.close()


def load_airports(path: Path) -> pd.DataFrame:
    text = path.read_text("utf-8")
    delimiter = max(",;|\t", key=text.partition("\n")[0].count)
    return pd.read_csv(io.StringIO(text), sep=delimiter, keep_default_na=False, na_values={"tzone": [""]})


if __name__ == "__main__":
    main()
