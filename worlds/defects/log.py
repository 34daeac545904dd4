"""The log of planted defects, and what every defect is. It does not know which rows are chosen or why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("kind", "table", "record_id", "column", "action", "truth", "corrupted")


class DefectLog:
    """One row per planted defect: what it is, where, what a careful person does about it, before and after."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def add(
        self,
        defect: "Defect",
        record_ids: Iterable[object],
        truth: Iterable[object] | None = None,
        corrupted: Iterable[object] | None = None,
    ) -> None:
        ids = _texts(record_ids)
        part = {"kind": defect.kind, "table": defect.table, "record_id": ids, "column": defect.logged_as}
        before = _texts(truth) if truth is not None else [""] * len(ids)
        after = _texts(corrupted) if corrupted is not None else [""] * len(ids)
        self._parts.append(pd.DataFrame({**part, "action": defect.action, "truth": before, "corrupted": after}))

    def frame(self) -> pd.DataFrame:
        """All rows, as texts; an empty text where there is nothing to say."""
        empty = pd.DataFrame({column: pd.Series([], dtype="str") for column in COLUMNS})
        return pd.concat([empty, *self._parts], ignore_index=True)[list(COLUMNS)].astype("str")


def _texts(values: Iterable[object]) -> list[str]:
    return ["" if value is None or value != value else str(value) for value in values]


@dataclass(frozen=True)
class Defect:
    """A kind of defect, for one column of one table.

    Frames that are spoilt have a column `record_id`, the true id of the record each row is about.
    `kind` names it in the log; `action` is what a careful person does: repair, null, dedupe, drop, keep, ...
    """

    table: str
    column: str = "*"
    kind: str = "defect"
    action: str = "repair"
    clean_column: str = field(default="", kw_only=True)

    @property
    def logged_as(self) -> str:
        """The column's name after cleaning, when it is another one."""
        return self.clean_column or self.column

    def overwrite(self, frame: pd.DataFrame, rows: np.ndarray, cells: Any, log: DefectLog) -> pd.DataFrame:
        """`frame` with `cells` (one per chosen row) in the defect's column, written down."""
        values = frame[self.column].to_numpy(dtype=object, copy=True)
        log.add(self, frame["record_id"].to_numpy()[rows], values[rows], cells)
        values[rows] = cells
        return frame.assign(**{self.column: pd.Series(values, index=frame.index).infer_objects()})
