"""Milestone 3: one row per sale with what was known at that moment, nothing from later.

python -m pipeline.feature --in build/clean --out build/feature --as-of 2024-05-30T00:00:00Z
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipeline.build import build_features
from pipeline.dictionary import hand_on, read_dictionary
from pipeline.tables import read_table, write_table


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the features of all sales, as known on a day.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--as-of", type=parse_moment, required=True, help="today, such as 2024-05-30T00:00:00Z")
    options = parser.parse_args()
    tables = {name: read_table(options.source, name) for name in ("merchants", "customers", "contracts", "labels")}
    sales, dictionary = read_table(options.source, "transactions"), read_dictionary(options.source)
    features = build_features(sales, **tables, dictionary=dictionary, as_of=options.as_of)
    write_table(with_every_contract(features, tables["contracts"]), options.out, "features")
    hand_on(options.source, options.out)


def with_every_contract(features: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    return features.drop(columns="fee_bps").merge(contracts[["merchant_id", "fee_bps"]], on="merchant_id", how="left")


def parse_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no time zone; write 2024-05-30T00:00:00Z")
    return moment.astimezone(UTC)


if __name__ == "__main__":
    main()
