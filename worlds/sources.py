"""Writes sources as they come in industry, byte for byte the same each time. It does not know what the rows mean."""

import gzip
import io
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd


def write_gzip_lines(path: Path, lines: Sequence[str], *, broken: bool = False) -> None:
    """Lines as gzipped UTF-8; a `broken` file has no line end after its last line."""
    text = "\n".join(lines) + ("" if broken else "\n")
    packed = io.BytesIO()
    # No name and no time in the header: equal lines must give equal bytes.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=5, fileobj=packed, mtime=0) as archive:
        archive.write(text.encode())
    path.write_bytes(packed.getvalue())


def json_lines(frame: pd.DataFrame, version: str, schemas: Mapping[int, Mapping[str, str]]) -> np.ndarray:
    """Each row as a line of JSON, in the schema (field name -> column) that its `version` column names."""
    lines = np.empty(len(frame), dtype=object)
    for number, fields in schemas.items():
        rows = (frame[version] == number).to_numpy()
        records = zip(*(frame.loc[rows, column].tolist() for column in fields.values()), strict=True)
        lines[rows] = [json.dumps(dict(zip(fields, record, strict=True))) for record in records]
    return lines


def write_csv(path: Path, frame: pd.DataFrame, *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    text = frame.to_csv(None, index=False, sep=delimiter, lineterminator="\n")
    path.write_bytes(text.encode(encoding))


def write_sqlite(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """A database file made in one transaction; integers stay integers, the rest is text."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 4096")
    connection.execute("BEGIN")
    for name, frame in tables.items():
        types = ["INTEGER" if frame[column].dtype.kind in "iu" else "TEXT" for column in frame.columns]
        columns = ", ".join(f'"{column}" {kind}' for column, kind in zip(frame.columns, types, strict=True))
        connection.execute(f'CREATE TABLE "{name}" ({columns})')
        marks = ", ".join("?" * len(frame.columns))
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', _plain_rows(frame))  # noqa: S608 - ours
    connection.execute("COMMIT")
    connection.close()


def _plain_rows(frame: pd.DataFrame) -> Iterable[tuple[object, ...]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return plain.itertuples(index=False, name=None)


def write_json(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    frame.to_parquet(path, index=False, compression="zstd")
