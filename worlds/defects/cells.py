"""Defects of single cells that hold numbers or codes: wrong units, sentinels, maxima, inverted rates."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.defects.log import Defect, DefectLog


@dataclass(frozen=True)
class WrongUnit(Defect):
    """Amounts arrive in another unit, such as cents sent as euros."""

    kind: str = "wrong_unit"
    factor: float = 100.0

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        cells = np.round(frame[self.column].to_numpy(dtype=float)[rows] * self.factor)
        return self.overwrite(frame, rows, cells, log)


@dataclass(frozen=True)
class FieldMaximum(Defect):
    """The largest value that fits the field, written when the real one was lost."""

    kind: str = "field_maximum"
    action: str = "null"
    maximum: float = 9_999_999.99

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        return self.overwrite(frame, rows, np.full(int(rows.sum()), self.maximum), log)


@dataclass(frozen=True)
class Sentinel(Defect):
    """A code that stands for "unknown" among real values."""

    kind: str = "sentinel"
    action: str = "null"
    code: float = -999.0

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        return self.overwrite(frame, rows, np.full(int(rows.sum()), self.code), log)


@dataclass(frozen=True)
class MissingValue(Defect):
    """Nothing where there was something; it can only be kept as missing."""

    kind: str = "missing_value"
    action: str = "keep"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        return self.overwrite(frame, rows, np.full(int(rows.sum()), np.nan), log)


@dataclass(frozen=True)
class InvertedRate(Defect):
    """Rates published the wrong way round."""

    kind: str = "inverted_rate"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        cells = np.round(1 / frame[self.column].to_numpy(dtype=float)[rows], 5)
        return self.overwrite(frame, rows, cells, log)
