"""Milestone 3, feature: what was known about each sale at the moment it happened.

    python -m pipeline.feature --in build/clean --out build/feature --as-of 2024-05-30T00:00:00Z
"""

import argparse
from pathlib import Path

import pandas as pd


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the features of all sales, as known on a day.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--as-of", required=True, help="today: nothing that happened later is known")
    options = parser.parse_args()
    build(options.source, options.out, pd.Timestamp(options.as_of))


def build(source: Path, out: Path, as_of: pd.Timestamp) -> None:
    """One column and no outcome yet."""
    out.mkdir(parents=True, exist_ok=True)
    sales = pd.read_parquet(source / "transactions.parquet")

    # A question to ask of every column you add: if I rebuild it as if today were a month ago, do the rows from before
    # that day stay the same, to the last digit?

    sales[["txn_id"]].to_parquet(out / "features.parquet", index=False)


if __name__ == "__main__":
    main()
