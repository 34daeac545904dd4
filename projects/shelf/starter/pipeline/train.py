"""Milestone 4, model: fit a model, and say by rolling origin how good it is.

    python -m pipeline.train --in build/feature --out build/model --seed 7
"""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the demand model.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that the step before wrote")
    parser.add_argument("--seed", type=int, default=0, help="for whatever is drawn")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Yours. One model file that is data, and report.json.


if __name__ == "__main__":
    main()
