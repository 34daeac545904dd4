"""Changing a table so that right code's answer is known beforehand, for probes. Knows no project and judges nothing.

Tables are Arrow's, so that a learner's own columns keep their own types. Whatever is drawn is drawn from `seed` alone.
A probe's `prepare` function reads the learner's table, changes it here and writes it into `prepared`; the check then
compares the two runs, mostly with differing_answers or differing_columns.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Bools = npt.NDArray[np.bool_]


def permute_column(rows: pa.Table, column: str, *, seed: int, among: npt.ArrayLike | None = None) -> pa.Table:
    """The table with the values of one column shuffled: each value is still there, and says nothing of its row.

    among: bool, one for each row: only these rows exchange their values (the training rows, say). Of a permuted target
    a model can learn nothing: trained on it, its skill is 0 or below, whatever its family. Skill that stays high was
    not learnt from this table: it was carried in, or it reads the target elsewhere. Leave room for chance:
    `at_most(skill, 0.1, ...)`.
    """
    chosen = np.flatnonzero(_mask(rows, among))
    taken = np.arange(rows.num_rows)
    taken[chosen] = np.random.default_rng(seed).permutation(chosen)
    place = rows.schema.get_field_index(column)
    return rows.set_column(place, rows.schema.field(place), rows.column(place).take(pa.array(taken)))


def add_canary(
    rows: pa.Table, column: str, *, seed: int, training: npt.ArrayLike, name: str = "internal_note"
) -> pa.Table:
    """The table with one more column, which equals `column` in the training rows and is drawn from them elsewhere.

    training: bool, one for each row. name: the new column's. A column that nobody documented must not move an answer:
    compare predictions with and without it (differing_answers). Code that takes every column that it finds will love
    this one, and fail on rows whose answer it does not know. Raises ValueError when no row is of the training.
    """
    known = np.flatnonzero(_mask(rows, training))
    if not len(known):
        raise ValueError("no row is of the training, so the canary has nothing to sing")
    taken = np.random.default_rng(seed).choice(known, rows.num_rows)
    taken[known] = known
    return rows.append_column(name, rows.column(column).take(pa.array(taken)))


def shuffle_rows(rows: pa.Table, *, seed: int, share: float = 1.0) -> pa.Table:
    """The rows, or a share of them (0..1, at least one), in another order.

    A row's answer is its own: alone, in a batch, in a shuffled one (differing_answers of the two runs is 0).
    """
    number = max(1, round(rows.num_rows * share))
    return rows.take(pa.array(np.random.default_rng(seed).permutation(rows.num_rows)[:number]))


def double_rows(rows: pa.Table, *, seed: int, share: float = 1.0) -> pa.Table:
    """The rows, and a share of them (0..1) a second time, in another order.

    For code that is to make each thing one row, and for counts and means that a source which delivers twice must not
    move: the answer is the same as without the doubles.
    """
    again = shuffle_rows(rows, seed=seed, share=share) if share > 0 else rows.slice(0, 0)
    return shuffle_rows(pa.concat_tables([rows, again]), seed=seed + 1)


def remove_future(rows: pa.Table, *, time: str, cut: pd.Timestamp) -> pa.Table:
    """The rows before `cut` (an instant, UTC) by their column `time` (timestamps): what was known at that moment.

    A row without a time is kept: when it became known, nobody can tell. See burst_cut for where to cut, and time_travel
    for how to compare.
    """
    column = rows.column(time)
    known = pc.less(column, pa.scalar(cut.to_pydatetime(), column.type))
    return rows.filter(pc.fill_null(known, True))


def overlap(train: pd.DataFrame, hidden: pd.DataFrame, columns: list[str]) -> float:
    """The share (0..1) of hidden rows that also stand among the training rows, by a hash of these columns.

    Both tables need the columns with equal dtypes. Nulls are equal to nulls. Leave out ids and keys, which differ by
    nature, and take enough columns that two rows are hardly equal by chance: what remains are the same things under
    other names. 0 where nothing is hidden.
    """
    if hidden.empty:
        return 0.0
    known, asked = (pd.util.hash_pandas_object(rows[columns], index=False) for rows in (train, hidden))
    return float(asked.isin(known).mean())


def _mask(rows: pa.Table, chosen: npt.ArrayLike | None) -> Bools:
    mask = np.ones(rows.num_rows, dtype=bool) if chosen is None else np.asarray(chosen, dtype=bool)
    if len(mask) != rows.num_rows:
        raise ValueError(f"{len(mask)} answers for {rows.num_rows} rows: one is needed for each")
    return mask
