"""Defects of measuring devices: another unit, a value that stays, a clock that is off, a device at another place."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.defects.log import Defect, DefectLog


@dataclass(frozen=True)
class OtherUnit(Defect):
    """Readings in another unit, such as Fahrenheit or psi, under the same name."""

    kind: str = "other_unit"
    convert: Callable[[np.ndarray], np.ndarray] = lambda values: values
    digits: int = 2

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        cells = np.round(self.convert(frame[self.column].to_numpy(dtype=float)[rows]), self.digits)
        return self.overwrite(frame, rows, cells, log)


@dataclass(frozen=True)
class StuckAt(Defect):
    """A sensor that repeats one reading; `run` numbers the stretches, -1 where it works. None of a stretch is known."""

    kind: str = "stuck_at"
    action: str = "null"

    def plant(self, frame: pd.DataFrame, run: np.ndarray, log: DefectLog) -> pd.DataFrame:
        rows = run >= 0
        values = pd.Series(frame[self.column].to_numpy(dtype=float)[rows])
        return self.overwrite(frame, rows, values.groupby(run[rows]).transform("first").to_numpy(), log)


@dataclass(frozen=True)
class WrongClock(Defect):
    """Devices whose moments are those of their own clock; one row per device, with what its clock gains in a day."""

    kind: str = "wrong_clock"

    def plant(self, names: list[str], gain_per_day: np.ndarray, log: DefectLog) -> None:
        log.add(self, names, [0] * len(names), np.round(gain_per_day, 1))


@dataclass(frozen=True)
class MovedDevice(Defect):
    """A device that is taken to another unit: its name no longer says where a reading comes from."""

    kind: str = "moved_device"
    action: str = "join as of"

    def plant(self, names: list[str], before: list[str], after: list[str], log: DefectLog) -> None:
        log.add(self, names, before, after)
