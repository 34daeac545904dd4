"""Milestone 4: a probability for every row of a feature table, and whether the crew should go.

python -m pipeline.predict --model build/model --in rows --out build/predictions
"""

import argparse
from pathlib import Path

import pandas as pd
from pipeline.model import worth_a_visit
from pipeline.models import load_model
from pipeline.tables import read_table, write_table


def main() -> None:
    parser = argparse.ArgumentParser(description="Predict the probability of a failure within 72 hours for each row.")
    parser.add_argument("--model", type=Path, required=True, help="folder that train wrote")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder with features.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    rows = read_table(options.source, "features")
    model, _ = load_model(options.model)
    said = model.probability(rows)
    predictions = pd.DataFrame({"row_id": rows["row_id"], "probability": said, "visit": worth_a_visit(said)})
    write_table(predictions, options.out, "predictions")


if __name__ == "__main__":
    main()
