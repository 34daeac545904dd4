"""Milestone 4, model: mean and quantiles for every row of a feature table.

    python -m pipeline.predict --model build/model --in rows --out build/predictions
"""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description="Forecast each row.")
    parser.add_argument("--model", type=Path, required=True, help="folder that train wrote")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder with features.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Yours. forecast.parquet, one row for each row that you were given.


if __name__ == "__main__":
    main()
