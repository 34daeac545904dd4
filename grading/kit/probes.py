"""Comparing two runs of the same code on inputs that we changed: the past, another order, a part. Knows no project."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grading.kit.compare import same_cells


@dataclass(frozen=True, slots=True)
class Difference:
    """How two tables differ on the rows they share.

    rows: how many were compared. missing: rows of the first that the second lacks. columns: column -> share of the
    compared rows whose cell differs (0..1, only columns that do differ, largest first). absent: columns of the first
    that the second lacks.
    """

    rows: int
    missing: int
    columns: dict[str, float]
    absent: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        return not (self.missing or self.columns or self.absent)


def differing_columns(
    first: pd.DataFrame,
    second: pd.DataFrame,
    key: str,
    *,
    columns: Sequence[str] | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> Difference:
    """Compare two tables row by row on `key` (unique in both; of repeated keys the first row counts).

    columns: what to compare; all of the first table's but the key when None. Zero tolerance in rows: one differing
    cell names its column. rtol and atol only forgive the last bits of floating-point sums.
    """
    a, b = (frame.drop_duplicates(key).set_index(key) for frame in (first, second))
    shared = a.index.intersection(b.index)
    chosen = [column for column in (a.columns if columns is None else columns) if column in a.columns]
    both = [c for c in chosen if c in b.columns]
    first, second = a.loc[shared, both], b.loc[shared, both]
    shares = {c: _share(first[c], second[c], rtol, atol) for c in both}
    found = {c: s for c, s in sorted(shares.items(), key=lambda item: -item[1]) if s > 0}
    absent = tuple(c for c in chosen if c not in b.columns)
    return Difference(len(shared), len(a) - len(shared), found, absent)


def _share(first: pd.Series, second: pd.Series, rtol: float, atol: float) -> float:
    if not len(first):
        return 0.0
    if pd.api.types.is_numeric_dtype(first) != pd.api.types.is_numeric_dtype(second):
        return 1.0
    return float((~same_cells(first, second, rtol=rtol, atol=atol)).mean())


def burst_cut(rows: pd.DataFrame, *, group: str, time: str, before: pd.Timestamp) -> pd.Timestamp:
    """An instant inside a burst: the time of the last row of `rows` before `before` that follows another one of the
    same group within 25 minutes, but by more than one minute.

    Rows at or after it are the "future". A feature that looks ahead by even an hour then changes for the row just
    before the cut, which a cut at a quiet midnight would miss. `before` itself when there is no burst.
    """
    ordered = rows.sort_values([group, time], kind="stable")
    gap = ordered[time] - ordered.groupby(group)[time].shift()
    inside = (gap > pd.Timedelta("1min")) & (gap < pd.Timedelta("25min")) & (ordered[time] < before)
    cut = ordered[time][inside].max()
    return before if pd.isna(cut) else pd.Timestamp(cut)


def time_travel(
    now: pd.DataFrame,
    then: pd.DataFrame,
    *,
    key: str,
    time: str,
    cut: pd.Timestamp,
    columns: Sequence[str],
) -> Difference:
    """Rows before `cut` as built today against the same rows built as if today were `cut`: they must not differ.

    now, then: the same code's output on all data and on data truncated at the cut, with the columns `key`, `time` (an
    instant, in `now`) and `columns`. Floats may differ in their last bits (rtol 1e-6), nothing else may.
    """
    return differing_columns(now[now[time] < cut], then, key, columns=columns)


def differing_answers(first: pd.Series, second: pd.Series, tolerance: float) -> int:
    """How many ids of `first` (index) have another number, or none, in `second`: a row alone, in a batch, shuffled.

    first, second: floats with ids as index; of repeated ids the first row of `second` counts. tolerance: the largest
    difference that is none, in their unit; nan differs from everything.
    """
    other = second[~second.index.duplicated()].reindex(first.index).to_numpy(dtype="float64")
    with np.errstate(invalid="ignore"):
        return int((~(np.abs(first.to_numpy(dtype="float64") - other) <= tolerance)).sum())
