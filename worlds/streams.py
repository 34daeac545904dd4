"""A stream of later events, and what it becomes when something changes from a day on. It knows log-odds, no business.

Frames have `p_true`, `y`, `event_ts` (UTC), `lag` (a timedelta) and `disputed_at`: event_ts + lag where y is 1.
"""

import numpy as np
import pandas as pd

from worlds.vocabulary import sigmoid


def change_cause(stream: pd.DataFrame, by: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """The stream with log-odds moved by `by` (one number per row); outcomes are drawn anew where it is not nought."""
    moved = by != 0
    p = stream["p_true"].to_numpy(copy=True)
    p[moved] = _move(p[moved], by[moved])
    y = np.where(moved, rng.random(len(stream)) < p, stream["y"] == 1).astype("int64")
    raised = (stream["event_ts"] + stream["lag"]).where(y == 1)
    return stream.assign(p_true=p, y=y, disputed_at=raised)


def measure_loudness(p: np.ndarray, by: np.ndarray, forgiven: float) -> float:
    """Standard deviations by which outcomes leave what was said, on the rows whose log-odds move by `by`.

    p: probabilities before, one per row. forgiven: the share of their sum by which a sound model may be off anyway.
    """
    before, after = p[by != 0], _move(p[by != 0], by[by != 0])
    spread = np.sqrt((before * (1 - before)).sum())
    return float((abs((after - before).sum()) - forgiven * before.sum()) / spread) if spread > 0 else 0.0


def _move(p: np.ndarray, by: np.ndarray) -> np.ndarray:
    return sigmoid(np.log(p / (1 - p)) + by)


def replace_values(
    stream: pd.DataFrame, column: str, rows: np.ndarray, values: np.ndarray, by: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Other `values` in some rows of a column, where something was known; the outcome follows through `by`."""
    hit = rows & stream[column].notna().to_numpy()
    renewed = stream.assign(**{column: stream[column].mask(hit, pd.Series(values, index=stream.index))})
    return change_cause(renewed, np.where(hit, by, 0.0), rng)


def scale_values(stream: pd.DataFrame, column: str, rows: np.ndarray, factor: float) -> pd.DataFrame:
    """A column in another unit in some rows; nothing else has changed."""
    return stream.assign(**{column: stream[column].mask(rows, stream[column] * factor)})
