"""What a departures board had told by a moment: who had left, how late, who was overdue. It knows no flights by name.

All moments are whole seconds since 1970. "By a moment" is strict: what happens in the same second is not known yet.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Board:
    """Every flight's scheduled second and its delay in minutes, which is nan where it never left."""

    scheduled: Whole
    delay: Floats

    def departed(self, asked: Whole, window: int) -> Whole:
        """How many left in [asked - window, asked), for each moment asked."""
        return self._sums(np.ones(len(self.delay)), asked, window).astype("int64")

    def late(self, asked: Whole, window: int, minutes: float) -> Whole:
        """How many of those left more than `minutes` late."""
        return self._sums(self.delay > minutes, asked, window).astype("int64")

    def delay_sum(self, asked: Whole, window: int, lowest: float, highest: float) -> Floats:
        """Their delays in all, each cut to [lowest, highest] minutes."""
        return self._sums(np.clip(np.nan_to_num(self.delay), lowest, highest), asked, window)

    def planned(self, asked: Whole, window: int) -> Whole:
        """How many were to leave in [asked - window, asked)."""
        ordered = np.sort(self.scheduled)
        return np.searchsorted(ordered, asked) - np.searchsorted(ordered, asked - window)

    def overdue(self, asked: Whole, window: int) -> Whole:
        """How many were to leave in [asked - window, asked) and had not left by then; the cancelled ones too."""
        order = np.argsort(self.scheduled, kind="stable")
        planned, left = self.scheduled[order], self._left()[order]
        moments, which = np.unique(asked, return_inverse=True)
        first, last = np.searchsorted(planned, moments - window), np.searchsorted(planned, moments)
        waiting = [int((left[a:b] >= now).sum()) for now, a, b in zip(moments, first, last, strict=True)]
        return np.array(waiting, dtype="int64")[which]

    def _left(self) -> Whole:
        """The second of each departure; never comes long after everything."""
        gone = ~np.isnan(self.delay)
        minutes = np.where(gone, self.delay, 0).astype("int64")
        return np.where(gone, self.scheduled + 60 * minutes, np.iinfo("int64").max)

    def _sums(self, values: npt.ArrayLike, asked: Whole, window: int) -> Floats:
        left = self._left()
        order = np.argsort(left, kind="stable")
        total = np.concatenate([[0.0], np.cumsum(np.asarray(values, dtype="float64")[order])])
        ends = left[order]
        return np.asarray(total[np.searchsorted(ends, asked)] - total[np.searchsorted(ends, asked - window)])
