"""The rows on which a trained model is asked for forecasts, without what was sold."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table

ROWS = {"split": "string", "as_of": "date", "horizon": "int"}
KNOWN = ("sold", "stockout")
DAYS = 7


def predictions(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The fortnight to be forecast."""
    rows = _rows(produced)
    return _write(produced, rows.index[rows.split == "score"], prepared)


def shuffled(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """Half of the same rows, in another order."""
    rows = _rows(produced)
    score = rows[rows.split == "score"]
    return _write(produced, score.sample(frac=0.5, random_state=5).index, prepared)


def lately(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The first week ahead of every earlier evening: the world knows what was asked for then."""
    rows = _rows(produced)
    return _write(produced, rows.index[(rows.split == "train") & (rows.horizon <= DAYS)], prepared)


def _rows(produced: Produced) -> pd.DataFrame:
    return table(produced.upstream["feature"], "features.parquet", columns=ROWS)


def _write(produced: Produced, rows: "pd.Index[int]", prepared: Path) -> dict[str, str]:
    """The learner's own columns in their own types, but what was sold."""
    own: pa.Table = pq.read_table(produced.upstream["feature"].folder / "features.parquet")
    kept = own.drop_columns([name for name in KNOWN if name in own.column_names])
    pq.write_table(kept.take(pa.array(rows)), prepared / "features.parquet")
    return {}
