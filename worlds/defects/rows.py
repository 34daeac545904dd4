"""Defects of whole rows: repeated, superseded, late, out of order, foreign, withdrawn, not yet there."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from worlds.defects.log import Defect, DefectLog


def _appended(frame: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, more], ignore_index=True)


@dataclass(frozen=True)
class Redelivery(Defect):
    """The same message twice, the second some time later; `place` orders messages within a file."""

    kind: str = "redelivery"
    action: str = "dedupe"
    place: str = "place"
    mean_delay: float = 30_000.0

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        again = frame[rows]
        log.add(self, again["record_id"])
        delay = rng.exponential(self.mean_delay, len(again))
        return _appended(frame, again.assign(**{self.place: again[self.place] + delay}))


@dataclass(frozen=True)
class NearDuplicate(Defect):
    """The same record sent again under an id (`column`) of its own, received some seconds after the one that counts."""

    kind: str = "near_duplicate"
    action: str = "dedupe"
    received: str = "received"
    longest_delay: int = 60

    @property
    def logged_as(self) -> str:
        return "*"

    def plant(
        self, frame: pd.DataFrame, rows: np.ndarray, ids: np.ndarray, rng: np.random.Generator, log: DefectLog
    ) -> pd.DataFrame:
        again = frame[rows]
        log.add(self, ids, again[self.column], ids)
        received = again[self.received] + rng.integers(5, self.longest_delay, len(again))
        renamed: dict[str, Any] = {self.column: ids, "record_id": ids, self.received: received}
        return _appended(frame, again.assign(**renamed))


@dataclass(frozen=True)
class SupersededMessage(Defect):
    """An earlier message about the same record, with a larger value that no longer holds.

    It is sent at the moment `sent` and received one second later, before the message that counts.
    """

    kind: str = "superseded_message"
    action: str = "dedupe"
    factor: float = 1.15
    state: str = "authorised"
    sent: str = "seconds"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        earlier = frame[rows]
        cells = np.ceil(earlier[self.column].to_numpy(dtype=float) * self.factor)
        log.add(self, earlier["record_id"], earlier[self.column], cells)
        first = earlier.assign(state=self.state, received=earlier[self.sent] + 1, place=earlier["place"] - 1)
        return _appended(frame, first.assign(**{self.column: cells}))


@dataclass(frozen=True)
class LateDelivery(Defect):
    """A message that turns up in the next file; the last file has none after it."""

    kind: str = "late_delivery"
    action: str = "keep"
    file: str = "file"
    place: str = "place"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        files = sorted(frame[self.file].unique())
        following = dict(pairwise(files))
        chosen = rows & (frame[self.file] != files[-1]).to_numpy()
        moved, place = frame[self.file].to_numpy(copy=True), frame[self.place].to_numpy(dtype=float, copy=True)
        late = [following[name] for name in moved[chosen]]
        log.add(self, frame["record_id"].to_numpy()[chosen], moved[chosen], late)
        moved[chosen] = late
        place[chosen] += 86_400 * rng.uniform(20, 40, len(late))
        return frame.assign(**{self.file: moved, self.place: place})


@dataclass(frozen=True)
class OutOfOrder(Defect):
    """A message that stands hours before or after its place in the file."""

    kind: str = "out_of_order"
    action: str = "keep"
    place: str = "place"
    hours: float = 12.0

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        log.add(self, frame["record_id"].to_numpy()[rows])
        place = frame[self.place].to_numpy(dtype=float, copy=True)
        place[rows] += 3600 * rng.uniform(-self.hours, self.hours, int(rows.sum()))
        return frame.assign(**{self.place: place})


@dataclass(frozen=True)
class ForeignRow(Defect):
    """Rows that are not what the table is about, such as refunds or monitoring pings among sales."""

    kind: str = "foreign_row"
    action: str = "drop"

    def plant(self, frame: pd.DataFrame, foreign: pd.DataFrame, log: DefectLog) -> pd.DataFrame:
        log.add(self, foreign["record_id"])
        return _appended(frame, foreign)


@dataclass(frozen=True)
class RepeatedEntity(Defect):
    """An entity listed twice, the second time with its id (`column`) in capitals."""

    kind: str = "repeated_entity"
    action: str = "dedupe"

    @property
    def logged_as(self) -> str:
        return "*"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        again = frame[rows]
        log.add(self, again["record_id"], again[self.column], again[self.column].str.upper())
        doubled = _appended(frame, again.assign(**{self.column: again[self.column].str.upper()}))
        return doubled.iloc[rng.permutation(len(doubled))].reset_index(drop=True)


@dataclass(frozen=True)
class LateLabel(Defect):
    """Outcomes that exist but are not known yet at the snapshot: the rows are not there."""

    kind: str = "late_label"
    action: str = "wait"

    def plant(self, frame: pd.DataFrame, unknown: np.ndarray, log: DefectLog) -> pd.DataFrame:
        log.add(self, frame["record_id"].to_numpy()[unknown], frame[self.column].to_numpy()[unknown])
        return frame[~unknown].reset_index(drop=True)
