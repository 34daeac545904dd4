"""Milestone 1: load every source as it is, lose nothing silently, and say what could not be read.

python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest
"""

import argparse
import csv
import gzip
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarow as pa
import pyarrow.parquet as pq

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
    out.mkdir(parents=True, exist_ok=True)
    rows, rejects, files = load_transactions(raw)
    disputes = fetch_disputes(api)
    database = raw / "customers.db"
    _write(rows, TRANSACTIONS, out / "transactions.parquet")
    _write(load_merchants(raw / "merchants.csv"), MERCHANTS, out / "merchants.parquet")
    _write(load_from_database(database, "customers", CUSTOMERS), CUSTOMERS, out / "customers.parquet")
    _write(load_from_database(database, "merchant_contracts", CONTRACTS), CONTRACTS, out / "contracts.parquet")
    _write(load_rates(raw / "fx_rates.csv"), RATES, out / "fx.parquet")
    _write([tuple(item[name] for name in DISPUTES.names) for item in disputes], DISPUTES, out / "disputes.parquet")
    (out / "rejects.jsonl").write_text("".join(json.dumps(reject) + "\n" for reject in rejects))
    (out / "manifest.json").write_text(json.dumps({"files": files, "disputes": len(disputes)}, indent=2))


def load_transactions(raw: Path) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows, rejected lines, and one entry per file that accounts for each of its lines."""
    rows: list[tuple[Any, ...]] = []
    rejects: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for path in sorted(raw.glob("transactions_*.jsonl.gz")):
        content = path.read_bytes()
        lines = gzip.decompress(content).decode("utf-8", errors="replace").removesuffix("\n").split("\n")
        loaded, rejected = _load_lines(path.name, lines)
        rows += loaded
        rejects += rejected
        counts = {"lines": len(lines), "loaded": len(loaded), "rejected": len(rejected)}
        files.append({"name": path.name, "sha256": hashlib.sha256(content).hexdigest(), **counts})
    return rows, rejects, files


def _load_lines(file: str, lines: Sequence[str]) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    rows, rejects = [], []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append((file, number, *read_message(json.loads(line))))
        except json.JSONDecodeError as error:
            reason = f"not JSON: {error.msg} at character {error.pos}"
            rejects.append({"file": file, "line": number, "reason": reason, "raw": line[:LONGEST_RAW]})
        except (KeyError, TypeError, ValueError) as error:
            reason = f"not a message of a known schema: {type(error).__name__} {error}"
            rejects.append({"file": file, "line": number, "reason": reason, "raw": line[:LONGEST_RAW]})
    return rows, rejects


def read_message(message: dict[str, Any]) -> tuple[Any, ...]:
    """The fields of one message, in the order of TRANSACTIONS from `schema` on; moments and amounts stay as written."""
    schema = message.get("schema", 1) if isinstance(message, dict) else None
    if schema not in READERS:
        raise ValueError(f"schema {schema!r}")
    return READERS[schema](message)


def _read_first_schema(m: dict[str, Any]) -> tuple[Any, ...]:
    return (
        *(1, m["txn_id"], m["type"], m["ts"], m["received_at"], m["amount"], m["currency"]),
        *(m["customer"], m["merchant"], m["gateway"], m["channel"], m["state"], m["settlement"]),
        _number_or_none(m["device_age_days"]),
    )


def _read_second_schema(m: dict[str, Any]) -> tuple[Any, ...]:
    return (
        *(2, m["id"], m["kind"], str(m["event_time_ms"]), m["received_at"], str(m["amount_minor"]), m["ccy"]),
        *(m["customer_id"], m["merchant_id"], m["gateway"], m["channel"], m["state"], m["settlement_status"]),
        _number_or_none(m["device"]["age_days"]),
    )


READERS: dict[int | None, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
    1: _read_first_schema,
    2: _read_second_schema,
}


def _number_or_none(value: Any) -> float | None:
    return None if value is None else float(value)


def load_merchants(path: Path) -> list[tuple[str, ...]]:
    """The back office's CSV: Windows-1252, its separator found in the header."""
    text = path.read_bytes().decode("cp1252")
    separator = csv.Sniffer().sniff(text.splitlines()[0], delimiters=",;|\t").delimiter
    reader = csv.DictReader(text.splitlines(), delimiter=separator)
    return [tuple(row[name] for name in MERCHANTS.names) for row in reader]


def load_from_database(path: Path, table: str, schema: pa.Schema) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return connection.execute(f"SELECT {', '.join(schema.names)} FROM {table}").fetchall()
    finally:
        connection.close()


def load_rates(path: Path) -> list[tuple[str, str, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["date"], row["currency"], float(row["eur_per_unit"])) for row in csv.DictReader(file)]


def _write(rows: Iterable[tuple[Any, ...]], schema: pa.Schema, path: Path) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema.names)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


if __name__ == "__main__":
    main()
