"""Milestone 6, monitor: the weeks after the model went live, and what to do about them.

    python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean \
        --as-of 2024-05-12 --out build/monitor
"""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay the weeks after the model went live.")
    parser.add_argument("--stream", type=Path, required=True, help="folder with what came in these weeks")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model that was served")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--as-of", dest="as_of", required=True, help="the last day that the served model knew")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Yours. Alarms, a decision, what the served model said of these weeks, and the model that is wanted from now on.


if __name__ == "__main__":
    main()
