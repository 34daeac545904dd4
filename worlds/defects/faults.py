"""Defects that a machine makes for a while: a clock that stands wrong, a code that it writes in place of another."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.clocks import write_utc
from worlds.defects.log import Defect, DefectLog


@dataclass(frozen=True)
class ClockFault(Defect):
    """Moments (seconds since 1970) by a clock that stands `shift_s` seconds from the right time; negative is behind."""

    kind: str = "clock_fault"
    shift_s: int = 7200

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        right = frame[self.column].to_numpy()[rows]
        log.add(self, frame["record_id"].to_numpy()[rows], write_utc(right), write_utc(right + self.shift_s))
        moments = frame[self.column].to_numpy(copy=True)
        moments[rows] += self.shift_s
        return frame.assign(**{self.column: moments})


@dataclass(frozen=True)
class MixedUpCode(Defect):
    """A valid code in place of the right one, such as the home currency for all; rows that have it are right anyway."""

    kind: str = "mixed_up_code"
    code: str = "EUR"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        wrong = rows & (frame[self.column] != self.code).to_numpy()
        return self.overwrite(frame, wrong, np.full(int(wrong.sum()), self.code, dtype=object), log)
