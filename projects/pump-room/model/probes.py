"""The inputs on which a trained model is asked for predictions: rows to be scored, without their answer."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table


def predictions(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """All rows to be scored, as the learner's own feature table has them."""
    _write(produced, _rows_to_score(produced), prepared)
    return {}


def shuffled(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """Half of the same rows, in another order."""
    _write(produced, _rows_to_score(produced).sample(frac=0.5, random_state=5), prepared)
    return {}


def _rows_to_score(produced: Produced) -> pd.Series:
    """Their positions in the feature table."""
    features = table(produced.upstream["feature"], "features.parquet", columns={"split": "string"})
    return features.index[features.split == "score"].to_series()


def _write(produced: Produced, rows: pd.Series, prepared: Path) -> None:
    """The learner's own columns in their own types, but the answer."""
    own: pa.Table = pq.read_table(produced.upstream["feature"].folder / "features.parquet")
    pq.write_table(own.drop_columns("y").take(pa.array(rows)), prepared / "features.parquet")
