"""The questions on which the service is laid beside the batch: some from each corner where the two like to part."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table

FEATURES = {
    **dict.fromkeys(("store", "sku", "split"), "string"),
    "horizon": "int",
    "is_eve": "int",
    "promo_known": "float",
    "stockout_share_28": "float?",
}
KNOWN = ("sold", "stockout")
SAMPLE = 60


def batch(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """60 rows to be forecast: promotions, empty shelves, the eve of a holiday, far and near, and others."""
    rows = table(produced.upstream["feature"], "features.parquet", columns=FEATURES)
    score = rows[rows.split == "score"]
    corners = (
        score[score.promo_known > 0],
        score[score.stockout_share_28 > 0.3],
        score[score.is_eve == 1],
        score[score.horizon > 10],
        score,
    )
    parts = [part.sample(min(len(part), SAMPLE // len(corners)), random_state=11) for part in corners]
    chosen = pd.concat(parts).index.unique().sort_values()
    own: pa.Table = pq.read_table(produced.upstream["feature"].folder / "features.parquet")
    kept = own.drop_columns([name for name in KNOWN if name in own.column_names])
    pq.write_table(kept.take(pa.array(chosen)), prepared / "features.parquet")
    return {}
