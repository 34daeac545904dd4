"""Milestone 2, clean: one true row per sale, in UTC and in euros, and a log of every change.

    python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from pathlib import Path

import pandas as pd


def main() -> None:
    parser = argparse.ArgumentParser(description="Clean the tables that ingest made.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that ingest wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    clean(options.source, options.out)


def clean(source: Path, out: Path) -> None:
    """Hands the messages on as they are, which is not cleaning."""
    out.mkdir(parents=True, exist_ok=True)
    messages = pd.read_parquet(source / "transactions.parquet")

    # Before you repair anything, look. For example:
    #   messages["type"].value_counts()
    #   messages["txn_id"].duplicated().sum()
    #   messages["device_age_days"].value_counts().head()
    #   the median amount per gateway and day
    # Then repair what the data dictionary explains, set to null what nobody can know, drop only what is not a sale.

    messages.head(10).to_parquet(out / "transactions.parquet", index=False)


if __name__ == "__main__":
    main()
