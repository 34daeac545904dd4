"""The sales on which the service is laid beside the batch: some from each corner where the two like to part."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table

FEATURES = {"txn_id": "string", "split": "string", "n_txn_1h": "int", "is_new_merchant": "int"}
SALES = {"txn_id": "string", "amount_eur": "float?", "device_age_days": "float?"}
SAMPLE = 80


def batch(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """80 rows to be scored without their answer: busy hours, unknown devices and amounts, old friends, and others."""
    features = table(produced.upstream["feature"], "features.parquet", columns=FEATURES)
    clean = table(produced.upstream["clean"], "transactions.parquet", columns=SALES).set_index("txn_id")
    known = clean.reindex(features.txn_id).reset_index(drop=True)
    score = features.split == "score"
    corners = {
        "busy": (features.n_txn_1h > 0, 20),
        "unknown device": (known.device_age_days.isna(), 15),
        "unknown amount": (known.amount_eur.isna(), 5),
        "old friend": (features.is_new_merchant == 0, 15),
    }
    chosen = [_some(features.index[score & rows], number) for rows, number in corners.values()]
    picked = pd.concat(chosen).drop_duplicates()
    rest = _some(features.index[score].difference(pd.Index(picked)), max(0, SAMPLE - len(picked)))
    rows = pd.concat([picked, rest]).sort_values()
    own: pa.Table = pq.read_table(produced.upstream["feature"].folder / "features.parquet")
    pq.write_table(own.drop_columns("y").take(pa.array(rows)), prepared / "features.parquet")
    return {}


def _some(index: pd.Index, number: int) -> "pd.Series[int]":
    return index.to_series().sample(min(number, len(index)), random_state=11)
