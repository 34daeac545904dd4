"""What the departures board had told by a moment: who had left, how late, who was overdue. For batch and service alike.

Moments are whole seconds since 1970; what happens in the very second of the question is not known yet.
"""

from dataclasses import dataclass

import numpy as np

NEVER = np.iinfo("int64").max


@dataclass(frozen=True)
class Board:
    """Scheduled second and delay in minutes of each flight; the delay is nan where it has not left."""

    scheduled: np.ndarray
    delay: np.ndarray

    def departed(self, asked: np.ndarray, window: int) -> np.ndarray:
        """How many left in [asked - window, asked)."""
        return self._total(np.ones(len(self.delay)), asked, window).astype("int64")

    def late(self, asked: np.ndarray, window: int, minutes: float) -> np.ndarray:
        return self._total(self.delay > minutes, asked, window).astype("int64")

    def delay_sum(self, asked: np.ndarray, window: int, lowest: float, highest: float) -> np.ndarray:
        return self._total(np.clip(np.nan_to_num(self.delay), lowest, highest), asked, window)

    def planned(self, asked: np.ndarray, window: int) -> np.ndarray:
        """How many were to leave in [asked - window, asked)."""
        ordered = np.sort(self.scheduled)
        return np.searchsorted(ordered, asked) - np.searchsorted(ordered, asked - window)

    def overdue(self, asked: np.ndarray, window: int) -> np.ndarray:
        """How many of these had not left by then, for whatever reason."""
        order = np.argsort(self.scheduled, kind="stable")
        planned, left = self.scheduled[order], self._left()[order]
        moments, which = np.unique(asked, return_inverse=True)
        first, last = np.searchsorted(planned, moments - window), np.searchsorted(planned, moments)
        waiting = [int((left[a:b] >= now).sum()) for now, a, b in zip(moments, first, last, strict=True)]
        return np.array(waiting, dtype="int64")[which]

    def _left(self) -> np.ndarray:
        gone = ~np.isnan(self.delay)
        return np.where(gone, self.scheduled + 60 * np.where(gone, self.delay, 0).astype("int64"), NEVER)

    def _total(self, values: np.ndarray, asked: np.ndarray, window: int) -> np.ndarray:
        left = self._left()
        order = np.argsort(left, kind="stable")
        total = np.concatenate([[0.0], np.cumsum(np.asarray(values, dtype="float64")[order])])
        ends = left[order]
        return total[np.searchsorted(ends, asked)] - total[np.searchsorted(ends, asked - window)]
