"""The rows on which the service is laid beside the batch: some from each corner where the two like to part."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table

FEATURES = {"row_id": "string", "split": "string", "hours_since_service": "float", "readings_24h": "int"}
SAMPLE = 40


def batch(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """40 rows to be scored without their answer: soon after a repair, with holes in the last day, and others."""
    features = table(produced.upstream["feature"], "features.parquet", columns=FEATURES)
    score = features.split == "score"
    corners = [(features.hours_since_service < 168, 12), (features.readings_24h < 24, 8)]
    chosen = [_some(features.index[score & rows], number) for rows, number in corners]
    picked = pd.concat(chosen).drop_duplicates()
    rest = _some(features.index[score].difference(pd.Index(picked)), max(0, SAMPLE - len(picked)))
    rows = pd.concat([picked, rest]).sort_values()
    own: pa.Table = pq.read_table(produced.upstream["feature"].folder / "features.parquet")
    pq.write_table(own.drop_columns("y").take(pa.array(rows)), prepared / "features.parquet")
    return {}


def _some(index: pd.Index, number: int) -> "pd.Series[int]":
    return index.to_series().sample(min(number, len(index)), random_state=11)
