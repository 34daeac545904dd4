"""Moments as texts: UTC, with an offset, or on somebody's wall clock. It does not know why one is chosen."""

import numpy as np
import pandas as pd

UTC_TEXT = "%Y-%m-%dT%H:%M:%SZ"
PATTERNS = {"offset": "%Y-%m-%dT%H:%M:%S%z", "naive": "%Y-%m-%d %H:%M:%S"}


def wall_clock(seconds: object, zone: str, pattern: str) -> list[str]:
    """Moments (seconds since 1970) as texts in the time of `zone`."""
    moments = pd.to_datetime(np.asarray(seconds, dtype="int64"), unit="s", utc=True)
    return list(moments.tz_convert(zone).strftime(pattern))


def write_utc(seconds: object) -> list[str]:
    return wall_clock(seconds, "UTC", UTC_TEXT)


def write_moments(seconds: np.ndarray, zone: np.ndarray, clock: np.ndarray) -> np.ndarray:
    """Each moment as its `clock` says (utc, offset, naive), in its own `zone`."""
    texts = np.array(write_utc(seconds), dtype=object)
    for name, pattern in PATTERNS.items():
        for place in sorted(set(zone)):
            rows = (clock == name) & (zone == place)
            texts[rows] = wall_clock(seconds[rows], place, pattern)
    return texts
