"""Defects of counted stock: counts below nought, and a first count that a second one corrects."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.defects.log import Defect, DefectLog


@dataclass(frozen=True)
class WrittenBelowZero(Defect):
    """An empty shelf that the books believe to be emptier still: more was sold than had been booked in."""

    kind: str = "negative_stock"
    most: int = 4

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        return self.overwrite(frame, rows, -rng.integers(1, self.most + 1, int(rows.sum())), log)


@dataclass(frozen=True)
class Recount(Defect):
    """A count in the evening, too high or too low, and the one of the night that holds. `counted` orders them."""

    kind: str = "recount"
    action: str = "dedupe"
    counted: str = "counted_at"
    earlier: str = " 21:05:00"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        first: pd.DataFrame = frame[rows]
        right = first[self.column].to_numpy()
        wrong = np.where(right > 0, 0, rng.integers(1, 6, len(first)))
        log.add(self, first["record_id"], right, wrong)
        first = first.assign(**{self.column: wrong})
        first[self.counted] = first[self.counted].str[:10] + self.earlier
        return pd.concat([frame, first], ignore_index=True)
