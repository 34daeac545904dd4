"""Milestone 1, ingest: load every source as it is, and account for every line.

    python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest
"""

import argparse
import gzip
import json
from pathlib import Path

import pandas as pd


def main() -> None:
    parser = argparse.ArgumentParser(description="Load the raw sources into tables.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the raw sources")
    parser.add_argument("--api", required=True, help="address of the disputes API")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    ingest(options.raw, options.api, options.out)


def ingest(raw: Path, api: str, out: Path) -> None:
    """Reads ten lines of one file, as a beginning."""
    out.mkdir(parents=True, exist_ok=True)
    first = sorted(raw.glob("transactions_*.jsonl.gz"))[0]
    messages = []
    with gzip.open(first, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(10), lines):
            messages.append(json.loads(line))  # what happens when a line is not JSON?
    pd.DataFrame(messages).to_parquet(out / "transactions.parquet", index=False)

    # Still to do. The brief lists the tables and their columns, data_dictionary.md says what the fields mean.
    #   - all months, both schemas, and a row in rejects.jsonl for every line that cannot be read
    #   - merchants.csv: which encoding, which separator?
    #   - customers.db: two tables
    #   - fx_rates.csv
    #   - the disputes from `api`, page after page
    #   - manifest.json: for every file, lines = loaded + rejected


if __name__ == "__main__":
    main()
