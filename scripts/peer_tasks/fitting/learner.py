from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler


def main(raw: Path, out: Path) -> None:
    train, score = pd.read_csv(raw / "train.csv"), pd.read_csv(raw / "score.csv")
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["channel", "country"]),
        (make_pipeline(FunctionTransformer(np.log), StandardScaler()), ["euros"]),
        (StandardScaler(), [f"x{number}" for number in range(6)]),
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=500))
    model.fit(train, train["returned"])
    rows = pd.DataFrame({"sale": score["sale"], "probability": model.predict_proba(score)[:, 1]})
    rows.to_parquet(out / "rows.parquet", index=False)
