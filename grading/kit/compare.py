"""Comparing what a learner made with what is true: cells, ids, and planted defects by kind. Knows no project.

Everything here takes and returns pandas objects and gives counts and shares, never single hidden values.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Bools = npt.NDArray[np.bool_]


def same_cells(found: pd.Series, wanted: pd.Series, *, rtol: float = 0.0, atol: float = 0.0) -> Bools:
    """Which cells agree, by position: bool array of the series' length.

    Two nulls agree, a null and a value do not. Numbers agree when |found - wanted| <= atol + rtol * |wanted|.
    Raises ValueError when the lengths differ.
    """
    if len(found) != len(wanted):
        raise ValueError(f"series of {len(found)} and {len(wanted)} cells cannot be compared by position")
    no_found, no_wanted = found.isna().to_numpy(), wanted.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(found) and pd.api.types.is_numeric_dtype(wanted):
        a, b = (s.to_numpy(dtype="float64", na_value=np.nan) for s in (found, wanted))
        with np.errstate(invalid="ignore"):
            equal = np.abs(a - b) <= atol + rtol * np.abs(b)
    else:
        equal = found.to_numpy(dtype=object) == wanted.to_numpy(dtype=object)
    return np.asarray((equal.astype(bool) & ~no_found & ~no_wanted) | (no_found & no_wanted), dtype=bool)


def among(values: pd.Series | pd.Index, wanted: Collection[str] | pd.Series | pd.Index) -> Bools:
    """Which texts are among the wanted ones: bool array of the length of `values`. A null is among nothing.

    What `values.isin(wanted)` says, several times as fast: of texts that Arrow holds, pandas makes an object each.
    Raises pyarrow.ArrowException for what is no text.
    """
    chosen = wanted if isinstance(wanted, pd.Series | pd.Index) else pd.Series(list(wanted), dtype="str")
    there, asked = (pa.array(texts.array, type=pa.large_string()) for texts in (values, chosen))
    return np.asarray(pc.is_in(there, value_set=asked, skip_nulls=True), dtype=bool)


@dataclass(frozen=True, slots=True)
class IdDifference:
    """How a column of ids differs from the ids that there should be.

    missing: wanted ids that are not there. extra: ids nobody wanted (both without order or repetition). repeated: rows
    beyond the first of an id. same: none of the three.
    """

    missing: pd.Index
    extra: pd.Index
    repeated: int

    @property
    def same(self) -> bool:
        return not len(self.missing) and not len(self.extra) and not self.repeated


def compare_ids(found: pd.Series, wanted: Collection[str]) -> IdDifference:
    """The ids of a table against the ids that it should have, as sets, and how often one comes again.

    found: texts, one for each row; nulls are left out of the sets. wanted: texts in any order; repetition says nothing.
    """
    there, right = (
        pd.Index(found.dropna().unique()),
        pd.Index(pd.unique(pd.Series(list(wanted), dtype="str"))),
    )
    return IdDifference(right.difference(there), there.difference(right), int(found.duplicated().sum()))


def explain_loss(lost: Collection[str], defects: pd.DataFrame, population: int) -> dict[str, float]:
    """Defect kinds that lost rows carry far more often than others: kind -> share of the lost rows.

    defects: columns kind, record_id. population: how many rows there should be. A kind is named when it is on more
    than a tenth of the lost rows and on more than twice as many as in the population. Largest share first.
    """
    lost = set(lost)
    shares: dict[str, float] = {}
    for kind, ids in defects.groupby("kind").record_id:
        carriers = set(ids)
        share = len(lost & carriers) / max(1, len(lost))
        if share > 0.1 and share > 2 * len(carriers) / max(1, population):
            shares[str(kind)] = share
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def repair_by_kind(right: pd.DataFrame, defects: pd.DataFrame, *, fewest: int = 20) -> pd.DataFrame:
    """How many of the cells that each kind of defect hit are right now: index kind; cells, wrong (int), recall (float).

    right: bool, index record_id, one column per compared column. defects: kind, record_id, column; rows whose column
    or record is not in `right` are left out. A kind is scored only on cells that it alone has hit, so that one mistake
    is charged once; where fewer than `fewest` such cells exist, on all that it hit. recall = 1 - wrong / cells.
    """
    rows = []
    for column, hits in _hits(right, defects).groupby("column"):
        kinds_on_cell = hits.groupby("record_id").kind.transform("nunique")
        for kind, group in hits.groupby("kind"):
            alone = group[kinds_on_cell[group.index] == 1]
            chosen = alone if len(alone) >= fewest else group
            correct = right[str(column)].reindex(chosen.record_id).to_numpy(dtype=bool)
            rows.append((str(kind), len(chosen), int((~correct).sum())))
    scores = pd.DataFrame(rows, columns=["kind", "cells", "wrong"]).groupby("kind").sum()
    return scores.assign(recall=1 - scores.wrong / scores.cells)


def collateral(right: pd.DataFrame, defects: pd.DataFrame) -> dict[str, float]:
    """Cells that no defect hit and that are wrong nevertheless: column -> wrong / untouched (0..1).

    Arguments as in repair_by_kind; every column of `right` is in the answer, 0 where all its cells were hit.
    """
    hits = _hits(right, defects)
    damage: dict[str, float] = {}
    for column in right.columns:
        untouched = ~among(right.index, hits[hits.column == column].record_id)
        wrong = ~right[column].to_numpy(dtype=bool) & untouched
        damage[str(column)] = float(wrong.sum() / max(1, untouched.sum()))
    return damage


def _hits(right: pd.DataFrame, defects: pd.DataFrame) -> pd.DataFrame:
    known = defects.column.isin(right.columns) & among(defects.record_id, right.index)
    return defects[known].drop_duplicates(["kind", "column", "record_id"])


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many distinct claims and facts there are, and how many are both.

    precision = both / claims, the share of the claims that are true; 1 where nothing is claimed. recall = both / facts,
    the share of the facts that are claimed; 1 where there are none. Both 0..1.
    """

    claims: int
    facts: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.claims if self.claims else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.facts if self.facts else 1.0


def agree(claims: pd.DataFrame, facts: pd.DataFrame, on: list[str]) -> Agreement:
    """How far a table of claims (a change log) covers a table of facts (the defects), compared on these columns.

    Both tables have the columns `on`, compared as text; rows that come twice count once. Raises KeyError when a column
    is missing.
    """
    claimed, true = (table[on].astype("str").drop_duplicates() for table in (claims, facts))
    return Agreement(len(claimed), len(true), len(claimed.merge(true, on=on)))


def recall_by(claims: pd.DataFrame, facts: pd.DataFrame, on: list[str], by: str) -> pd.DataFrame:
    """Which facts are claimed, by kind: index = values of `by`; columns facts, claimed (int). recall = claimed / facts.

    claims: the learner's table, with the columns `on`; facts: the defects, with `on` and `by` (their kind). Compared as
    text; rows that come twice count once.
    """
    claimed = claims[on].astype("str").drop_duplicates().assign(claimed=1)
    merged = facts[[by, *on]].astype("str").drop_duplicates().merge(claimed, on=on, how="left")
    return merged.groupby(by).agg(facts=("claimed", "size"), claimed=("claimed", "count"))


def precision_by(claims: pd.DataFrame, facts: pd.DataFrame, on: list[str], by: str) -> pd.DataFrame:
    """Which claims are true, by what they claim: index = values of `by`; columns claims, true (int).

    claims: the learner's table (a change log), with the columns `on` and `by` (its issue); facts: the defects, with the
    columns `on`. Rows that come twice count once. precision = true / claims; with recall_by, the two halves of a log.
    """
    known = facts[on].astype("str").drop_duplicates().assign(true=1)
    merged = claims[[by, *on]].astype("str").drop_duplicates().merge(known, on=on, how="left")
    return merged.groupby(by).agg(claims=("true", "size"), true=("true", "count"))


def shares(counts: Mapping[str, float], digits: int = 0) -> str:
    """Shares as text, largest first: "0.98 -> 98%": "device unknown 98%, refund 3%"."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.{digits}%}" for name, share in ordered)
