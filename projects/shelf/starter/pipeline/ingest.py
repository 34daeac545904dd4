"""Milestone 1, ingest: load every source as it is, and account for every line.

    python -m pipeline.ingest --raw data/raw --api http://127.0.0.1:8100 --out build/ingest
"""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description="Load the raw sources into tables.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the raw sources")
    parser.add_argument("--api", required=True, help="address of the weather service")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Yours. The brief lists the ten tables; data_dictionary.md says what their fields mean.


if __name__ == "__main__":
    main()
