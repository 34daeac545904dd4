"""The flights on which service and batch are compared, some from each corner where the two like to part; and bugs."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table, write_bugs

FEATURES = {
    "flight_id": "string",
    "split": "string",
    "n_departed_2h": "int",
    "late_share_2h": "float?",
    "visib_known": "float?",
    "plane_age": "float?",
}
SAMPLE = 80
ENTRY, BUGS = "pipeline/serve.py", 10


def batch(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """80 rows to be scored without their answer: bad hours, empty boards, fog, unknown weather and planes, others."""
    features = table(produced.upstream["feature"], "features.parquet", columns=FEATURES)
    score = features[features.split == "score"]
    corners = {
        "bad hours": (score.late_share_2h > 0.4, 20),
        "empty board": (score.n_departed_2h == 0, 12),
        "fog": (score.visib_known < 5, 12),
        "unknown visibility": (score.visib_known.isna(), 8),
        "unknown plane": (score.plane_age.isna(), 8),
    }
    chosen = [_some(score.index[rows], number) for rows, number in corners.values()]
    picked = pd.concat(chosen).drop_duplicates()
    rest = _some(score.index.difference(pd.Index(picked)), max(0, SAMPLE - len(picked)))
    rows = pd.concat([picked, rest]).sort_values()
    own: pa.Table = pq.read_table(produced.upstream["feature"].folder / "features.parquet")
    pq.write_table(own.drop_columns("y").take(pa.array(rows)), prepared / "features.parquet")
    return {}


def own_tests(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """Bugs in the learner's service and in what it imports, for the learner's own tests."""
    write_bugs(produced.sources, prepared, BUGS, entry=ENTRY)
    return {}


def _some(index: pd.Index, number: int) -> "pd.Series[int]":
    return index.to_series().sample(min(number, len(index)), random_state=11)
