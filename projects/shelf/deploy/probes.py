"""The questions on which the service is laid beside the batch: some from each corner where the two like to part."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table

FEATURES = {
    **dict.fromkeys(("store", "sku", "split"), "string"),
    **dict.fromkeys(("date", "as_of"), "date"),
    "horizon": "int",
    "is_eve": "int",
    "promo_known": "float",
    "stockout_share_28": "float?",
}
EVENTS = {"store": "string", "kind": "string", "date": "date"}
SEEN = {"date": "date", "temp_c": "float?"}
KNOWN = ("sold", "stockout")
SAMPLE, RECENT = 70, 28


def batch(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """70 rows: promotions, empty shelves, the eve of a holiday and that of a festival, far ahead, after a day without
    a thermometer, and others."""
    rows = table(produced.upstream["feature"], "features.parquet", columns=FEATURES)
    score = rows[rows.split == "score"]
    corners = (
        score[score.promo_known > 0],
        score[score.stockout_share_28 > 0.3],
        score[score.is_eve == 1],
        score[score.horizon > 10],
        score[_is_before_an_event(score, produced) & (score.is_eve == 0)],
        rows[rows.as_of == _find_evening_without_temperature(rows, produced)],
        score,
    )
    parts = [part.sample(min(len(part), SAMPLE // len(corners)), random_state=11) for part in corners]
    chosen = pd.concat(parts).index.unique().sort_values()
    own: pa.Table = pq.read_table(produced.upstream["feature"].folder / "features.parquet")
    kept = own.drop_columns([name for name in KNOWN if name in own.column_names])
    pq.write_table(kept.take(pa.array(chosen)), prepared / "features.parquet")
    return {}


def _is_before_an_event(rows: pd.DataFrame, produced: Produced) -> pd.Series:
    events = table(produced.upstream["clean"], "events.parquet", columns=EVENTS)
    near = set(zip(events.store, events.date, strict=True))
    told = [(store, day + timedelta(days=1)) in near for store, day in zip(rows.store, rows.date, strict=True)]
    return pd.Series(told, index=rows.index, dtype=bool)


def _find_evening_without_temperature(rows: pd.DataFrame, produced: Produced) -> object:
    """The newest day of forecast with an unknown temperature in the weeks before it; None where there is none."""
    seen = table(produced.upstream["clean"], "weather_seen.parquet", columns=SEEN)
    lost = list(seen.date[seen.temp_c.isna()])
    evenings = sorted(set(rows.as_of), reverse=True)
    return next((one for one in evenings if any(0 <= (one - day).days < RECENT for day in lost)), None)
