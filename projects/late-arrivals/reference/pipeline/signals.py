"""What is known of a flight two hours before it leaves: the one place where features are computed, for both users.

All functions take and give numpy arrays with one entry per flight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from pipeline.board import Board
from pipeline.dictionary import FARTHEST_SIGHT, HOME_ZONE, HOURS_BEFORE, LATE_MINUTES

HOUR = 3600
# What we believe of a quiet board: this many imaginary departures, of which few are late.
PRIOR_FLIGHTS, PRIOR_LATE, PRIOR_DELAY = 5, 0.15, 10.0
USUAL_WIND = 9.0


@dataclass(frozen=True)
class Flights:
    """Seconds are since 1970 in UTC; visibility in miles, rain in inches, wind in mph: the last reading known."""

    sched_dep: np.ndarray
    sched_arr: np.ndarray
    built: np.ndarray
    visib_mi: np.ndarray
    precip_in: np.ndarray
    wind_mph: np.ndarray

    @property
    def asked(self) -> np.ndarray:
        return self.sched_dep - HOURS_BEFORE * HOUR


def signals(flights: Flights, board: Board) -> dict[str, np.ndarray]:
    """The columns by name: first those that the contract names, then ours."""
    asked = flights.asked
    departed, late = board.departed(asked, 2 * HOUR), board.late(asked, 2 * HOUR, LATE_MINUTES)
    overdue = board.overdue(asked, 3 * HOUR)
    hour, year = local_clock(flights.sched_dep)
    return {
        "local_hour": hour,
        "block_min": (flights.sched_arr - flights.sched_dep) // 60,
        "plane_age": year - flights.built,
        "visib_known": flights.visib_mi,
        "n_departed_2h": departed,
        "late_share_2h": np.where(departed > 0, late / np.maximum(1, departed), np.nan),
        "n_overdue_3h": overdue,
        "haze": np.log1p(FARTHEST_SIGHT - np.clip(_or(flights.visib_mi, FARTHEST_SIGHT), 0, FARTHEST_SIGHT)),
        "rain": np.log1p(20 * _or(flights.precip_in, 0.0)),
        "wind": np.clip(_or(flights.wind_mph, USUAL_WIND), 0, 40),
        "overdue_share": overdue / np.maximum(1, board.planned(asked, 3 * HOUR)),
        **_mood(board, asked, 2),
        **_mood(board, asked, 6),
    }


def _mood(board: Board, asked: np.ndarray, hours: int) -> dict[str, np.ndarray]:
    """How late the airport runs: share of late departures and mean delay, drawn towards the usual on a quiet board."""
    departed = board.departed(asked, hours * HOUR) + PRIOR_FLIGHTS
    late = board.late(asked, hours * HOUR, LATE_MINUTES) + PRIOR_FLIGHTS * PRIOR_LATE
    delay = board.delay_sum(asked, hours * HOUR, -20, 180) + PRIOR_FLIGHTS * PRIOR_DELAY
    return {f"late_{hours}h": late / departed, f"delay_{hours}h": np.log1p(np.clip(delay / departed, 0, None))}


def _or(values: np.ndarray, usual: float) -> np.ndarray:
    return np.where(np.isnan(values), usual, values)


def local_clock(seconds: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hour and year on the clock in New York."""
    home = ZoneInfo(HOME_ZONE)
    moments = [datetime.fromtimestamp(second, home) for second in np.asarray(seconds).tolist()]
    hours, years = ([getattr(moment, part) for moment in moments] for part in ("hour", "year"))
    return np.array(hours, dtype="int64"), np.array(years, dtype="int64")
