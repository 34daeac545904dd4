"""Milestone 3 without a data frame: one pass over the sales in order of time.

python -m pipeline.feature --in build/clean --out build/feature --as-of 2024-05-30T00:00:00Z
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from pipeline.dictionary import hand_on, read_dictionary
from pipeline.past import build_rows
from pipeline.rows import MOMENT, read_rows, write_rows

TABLES = ("transactions", "merchants", "customers", "contracts", "labels")
TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), datetime: MOMENT}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--as-of", type=parse_moment, required=True)
    options = parser.parse_args()
    told = read_dictionary(options.source)
    tables = {name: read_rows(options.source, name) for name in TABLES}
    rows = build_rows(tables, told.zones, told.maturity_days, options.as_of)
    hand_on(options.source, options.out)
    columns = {name: TYPES[type(value)] for name, value in rows[0].items()}
    write_rows(rows, columns, options.out, "features")


def parse_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


if __name__ == "__main__":
    main()
