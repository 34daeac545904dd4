"""Milestone 3, feature: what could be known on the evening of each order.

    python -m pipeline.feature --in build/clean --out build/feature --as-of 2024-05-12
"""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the features that were known on each day of forecast.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that the step before wrote")
    parser.add_argument("--as-of", dest="as_of", required=True, help="the last day known, such as 2024-05-12")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Yours. Whatever you compute, ask which day's evening paper it was in.


if __name__ == "__main__":
    main()
