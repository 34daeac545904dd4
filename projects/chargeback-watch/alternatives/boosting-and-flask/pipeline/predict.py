"""Milestone 4: a probability for every row of a feature table, by a model that train wrote.

python -m pipeline.predict --model build/model --in rows --out build/predictions
"""

import argparse
from pathlib import Path

import pandas as pd
from pipeline.models import load_model
from pipeline.tables import read_table, write_table


def main() -> None:
    parser = argparse.ArgumentParser(description="Predict the probability of a dispute for each row.")
    parser.add_argument("--model", type=Path, required=True, help="folder that train wrote")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder with features.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    model, _ = load_model(options.model)
    features = read_table(options.source, "features")
    predictions = pd.DataFrame({"txn_id": features["txn_id"], "probability": model.probability(features)})
    write_table(predictions, options.out, "predictions")


if __name__ == "__main__":
    main()
