"""Milestone 1: load every source as it is, lose nothing silently, and say what could not be read.

python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest
"""

import argparse
import csv
import gzip
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarow as pa
import pyarrow.parquet as pq

from pipeline.dictionary import Dictionary, hand_on, read_dictionary
from pipeline.disputes_api import fetch_disputes

TRANSACTIONS = pa.schema(
    [
        ("source_file", pa.string()),
        ("line_no", pa.int64()),
        ("schema", pa.int64()),
        ("txn_id", pa.string()),
        ("type", pa.string()),
        ("ts_raw", pa.string()),
        ("received_at", pa.string()),
        ("amount_raw", pa.string()),
        ("currency", pa.string()),
        ("customer_id", pa.string()),
        ("merchant_id", pa.string()),
        ("gateway", pa.string()),
        ("channel", pa.string()),
        ("state", pa.string()),
        ("settlement", pa.string()),
        ("device_age_days", pa.float64()),
    ]
)
MERCHANTS = pa.schema([(name, pa.string()) for name in ("merchant_id", "name", "category", "country", "gateway")])
CUSTOMERS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("country", pa.string()),
        ("signup_date", pa.string()),
        ("source_system", pa.string()),
        ("birth_year", pa.int64()),
        ("lifetime_disputes", pa.int64()),
    ]
)
CONTRACTS = pa.schema(
    [("merchant_id", pa.string()), ("fee_bps", pa.int64()), ("valid_from", pa.string()), ("valid_to", pa.string())]
)
RATES = pa.schema([("date", pa.string()), ("currency", pa.string()), ("eur_per_unit", pa.float64())])
DISPUTES = pa.schema([(name, pa.string()) for name in ("dispute_id", "txn_id", "disputed_at", "status")])

LONGEST_RAW = 500


def main() -> None:
    parser = argparse.ArgumentParser(description="Load the raw sources into typed tables.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the raw sources")
    parser.add_argument("--api", required=True, help="address of the disputes API")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    ingest(options.raw, options.api.rstrip("/"), options.out)


def ingest(raw: Path, api: str, out: Path) -> None:
    hand_on(raw, out)
    dictionary = read_dictionary(raw)
    rows, rejects, files = load_transactions(raw, dictionary)
    names, database = dictionary.columns, raw / "customers.db"
    disputes = load_disputes(api, names["disputes"])
    customers = load_from_database(database, "customers", CUSTOMERS, names["customers"])
    contracts = load_from_database(database, "merchant_contracts", CONTRACTS, names["contracts"])
    _write(rows, TRANSACTIONS, out / "transactions.parquet")
    _write(load_merchants(raw / "merchants.csv", names["merchants"]), MERCHANTS, out / "merchants.parquet")
    _write(customers, CUSTOMERS, out / "customers.parquet")
    _write(contracts, CONTRACTS, out / "contracts.parquet")
    _write(load_rates(raw / "fx_rates.csv", names["rates"]), RATES, out / "fx.parquet")
    _write(disputes, DISPUTES, out / "disputes.parquet")
    (out / "rejects.jsonl").write_text("".join(json.dumps(reject) + "\n" for reject in rejects))
    (out / "manifest.json").write_text(json.dumps({"files": files, "disputes": len(disputes)}, indent=2))


def load_transactions(
    raw: Path, dictionary: Dictionary
) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows, rejected lines, and one entry per file that accounts for each of its lines."""
    rows: list[tuple[Any, ...]] = []
    rejects: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for path in sorted(raw.glob("transactions_*.jsonl.gz")):
        content = path.read_bytes()
        lines = gzip.decompress(content).decode("utf-8", errors="replace").removesuffix("\n").split("\n")
        loaded, rejected = _load_lines(path.name, lines, dictionary)
        rows += loaded
        rejects += rejected
        counts = {"lines": len(lines), "loaded": len(loaded), "rejected": len(rejected)}
        files.append({"name": path.name, "sha256": hashlib.sha256(content).hexdigest(), **counts})
    return rows, rejects, files


def _load_lines(
    file: str, lines: Sequence[str], dictionary: Dictionary
) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    rows, rejects = [], []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append((file, number, *read_message(json.loads(line), dictionary)))
        except json.JSONDecodeError as error:
            reason = f"not JSON: {error.msg} at character {error.pos}"
            rejects.append({"file": file, "line": number, "reason": reason, "raw": line[:LONGEST_RAW]})
        except (KeyError, TypeError, ValueError) as error:
            reason = f"not a message of a known schema: {type(error).__name__} {error}"
            rejects.append({"file": file, "line": number, "reason": reason, "raw": line[:LONGEST_RAW]})
    return rows, rejects


def read_message(message: dict[str, Any], dictionary: Dictionary) -> tuple[Any, ...]:
    """The fields of one message, in the order of TRANSACTIONS from `schema` on; moments and amounts stay as written."""
    schema = message.get("schema", 1) if isinstance(message, dict) else None
    if schema not in dictionary.messages:
        raise ValueError(f"schema {schema!r}")
    paths = dictionary.messages[schema]
    values = {column: _find(message, path) for column, path in paths.items()}
    age = values["device_age_days"]
    values |= {name: str(values[name]) for name in ("ts_raw", "amount_raw")}
    values |= {"schema": schema, "device_age_days": None if age is None else float(age)}
    return tuple(values[name] for name in TRANSACTIONS.names[2:])


def _find(message: dict[str, Any], path: str) -> Any:
    """The value at a path such as device.age_days."""
    value: Any = message
    for name in path.split("."):
        value = value[name]
    return value


def load_disputes(api: str, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Every dispute that the API knows, its fields under our own names."""
    return [
        tuple(item[names[column]] for column in DISPUTES.names) for item in fetch_disputes(api, names["dispute_id"])
    ]


def load_merchants(path: Path, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The back office's CSV: Windows-1252, its separator found in the header."""
    text = path.read_bytes().decode("cp1252")
    separator = csv.Sniffer().sniff(text.splitlines()[0], delimiters=",;|\t").delimiter
    reader = csv.DictReader(text.splitlines(), delimiter=separator)
    return [tuple(row[names[column]] for column in MERCHANTS.names) for row in reader]


def load_from_database(path: Path, table: str, schema: pa.Schema, names: Mapping[str, str]) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return connection.execute(f"SELECT {', '.join(names[name] for name in schema.names)} FROM {table}").fetchall()
    finally:
        connection.close()


def load_rates(path: Path, names: Mapping[str, str]) -> list[tuple[str, str, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    day, currency, rate = (names[column] for column in RATES.names)
    return [(row[day], row[currency], float(row[rate])) for row in rows]


def _write(rows: Iterable[tuple[Any, ...]], schema: pa.Schema, path: Path) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema.names)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


if __name__ == "__main__":
    main()
