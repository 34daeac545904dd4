"""Defects of shape and meaning: a schema that changes, gaps, terms with a history, columns that know the future."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.defects.log import Defect, DefectLog


@dataclass(frozen=True)
class SchemaChange(Defect):
    """From some row on, messages have other names, units and shapes; `column` holds the version."""

    kind: str = "schema_change"
    action: str = "map"
    version: int = 2

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, since: str, log: DefectLog) -> pd.DataFrame:
        log.add(self, [since], [1], [self.version])
        return frame.assign(**{self.column: np.where(rows, self.version, frame[self.column])})


@dataclass(frozen=True)
class Gap(Defect):
    """Rows that are never published, such as weekend rates."""

    kind: str = "gap"
    action: str = "fill"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        log.add(self, frame["record_id"].to_numpy()[rows], frame[self.column].to_numpy()[rows])
        return frame[~rows].reset_index(drop=True)


@dataclass(frozen=True)
class ChangedTerms(Defect):
    """Terms with a history: the chosen rows end on a day, and a second row with other terms begins on it."""

    kind: str = "changed_terms"
    action: str = "join as of"

    def plant(
        self, frame: pd.DataFrame, rows: np.ndarray, terms: np.ndarray, since: np.ndarray, log: DefectLog
    ) -> pd.DataFrame:
        old, new = frame[rows], frame[rows].assign(**{self.column: terms, "valid_from": since})
        log.add(self, old["record_id"], old[self.column], terms)
        ends = frame["valid_to"].to_numpy(dtype=object, copy=True)
        ends[rows] = since
        both = pd.concat([frame.assign(valid_to=ends), new], ignore_index=True)
        return both.sort_values(["record_id", "valid_from"], kind="stable", ignore_index=True)


@dataclass(frozen=True)
class LeakingColumn(Defect):
    """A column that was written after the outcome: it looks like a feature and is an answer."""

    kind: str = "leaking_column"
    action: str = "do not use"

    def plant(self, frame: pd.DataFrame, cells: np.ndarray, log: DefectLog) -> pd.DataFrame:
        log.add(self, ["*"])
        return frame.assign(**{self.column: cells})
