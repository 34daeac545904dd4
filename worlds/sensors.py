"""What devices do to a moment: clocks that run fast or slow, lose their power and start again. It knows no readings."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

DAY = 86_400
# Where a clock stands that has lost its power: 2000-01-01, as the makers of such clocks like it.
RESTART = 946_684_800


@dataclass(frozen=True)
class Clocks:
    """One clock per device, in seconds since 1970: how far off it was at `start`, how much it gains per day, and the
    moment of its one restart (a moment after the end: none)."""

    start: int
    offset: np.ndarray
    gain_per_day: np.ndarray
    restart: np.ndarray

    def show(self, device: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """What the clock of each `device` (position) shows at each `moment`, in whole seconds."""
        pace = 1 + self.gain_per_day[device] / DAY
        before = self.start + self.offset[device] + (moment - self.start) * pace
        after = RESTART + (moment - self.restart[device]) * pace
        return np.asarray(np.where(moment < self.restart[device], before, after)).round().astype("int64")

    def compare(self, every_s: int, end: int) -> pd.DataFrame:
        """Each clock laid beside ours now and then, and at both ends of each stretch without a restart."""
        parts = []
        for device, restart in enumerate(self.restart):
            edges = [edge for edge in (restart - 1, restart) if edge < end]
            server = np.unique(np.concatenate([np.arange(self.start, end, every_s), edges, [end]]).astype("int64"))
            shown = self.show(np.full(len(server), device), server)
            parts.append(pd.DataFrame({"device": device, "ts_device": shown, "ts_server": server}))
        return pd.concat(parts, ignore_index=True)
