"""Milestone 2, clean: one row per store, article and day that says what was sold.

    python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn what was delivered into what happened.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that the step before wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Yours. Begin with the days, stores and articles that there should be; then fill them.


if __name__ == "__main__":
    main()
