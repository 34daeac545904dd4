"""Milestone 4: a probability for every row of a feature table, by a model that train wrote.

python -m pipeline.predict --model build/model --in rows --out build/predictions
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.model import load_model
from pipeline.tables import read_table, write_table


def main() -> None:
    parser = argparse.ArgumentParser(description="Predict the probability of a dispute for each row.")
    parser.add_argument("--model", type=Path, required=True, help="folder that train wrote")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder with features.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    model, _ = load_model(options.model)
    features = read_table(options.source, "features")
    sure = model.probability(features)
    grades = np.select([sure < 0.02, sure < 0.05, sure < 0.12], [0.01, 0.033, 0.078], 0.21)
    predictions = pd.DataFrame({"txn_id": features["txn_id"], "probability": grades})
    write_table(predictions, options.out, "predictions")


if __name__ == "__main__":
    main()
