"""Parquet tables as lists of dictionaries, and back."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MOMENT = pa.timestamp("us", tz="UTC")
Row = dict[str, Any]


def read_rows(folder: Path, name: str) -> list[Row]:
    return list(pq.read_table(folder / f"{name}.parquet").to_pylist())


def write_rows(rows: Iterable[Row], columns: dict[str, pa.DataType], folder: Path, name: str) -> None:
    schema = pa.schema(list(columns.items()))
    pq.write_table(
        pa.Table.from_pylist([{c: row[c] for c in columns} for row in rows], schema), folder / f"{name}.parquet"
    )
