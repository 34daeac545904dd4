"""What happened before: counts and first times per entity, vectorised. It does not know entities by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

# Seconds of one entity live in one block of this size, so that one sorted key serves all entities.
_BLOCK = 1 << 33


def prior_count(by: Any, seconds: np.ndarray, window: float) -> np.ndarray:
    """For each row, the rows of the same entity in [t - window, t)."""
    entity = pd.factorize(np.asarray(by))[0].astype("int64") * _BLOCK
    key = entity + np.asarray(seconds, dtype="int64")
    ordered = np.sort(key)
    oldest = np.maximum(key - int(window), entity)
    return np.asarray(np.searchsorted(ordered, key) - np.searchsorted(ordered, oldest))


def first_time(by: Any, counterparty: Any) -> np.ndarray:
    """Whether a row is the first of its pair; rows are in order of time."""
    return ~pd.DataFrame({"by": by, "counterparty": counterparty}).duplicated().to_numpy()


def local_hour(moments: pd.DatetimeIndex, zone_of_row: np.ndarray) -> np.ndarray:
    """The hour on the wall clock of each row's time zone."""
    return _by_zone(moments, zone_of_row, lambda local: local.hour)


def local_weekday(moments: pd.DatetimeIndex, zone_of_row: np.ndarray) -> np.ndarray:
    """The day of the week (Monday is 0) on the wall clock of each row's time zone."""
    return _by_zone(moments, zone_of_row, lambda local: local.day_of_week)


def _by_zone(
    moments: pd.DatetimeIndex, zone_of_row: np.ndarray, tell: Callable[[pd.DatetimeIndex], pd.Index]
) -> np.ndarray:
    told = np.zeros(len(moments), dtype="int64")
    for zone in np.unique(zone_of_row):
        rows = zone_of_row == zone
        told[rows] = tell(moments[rows].tz_convert(zone))
    return told
