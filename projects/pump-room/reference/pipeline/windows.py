"""What the last week of a pump's readings says, in steps of six hours that never reach across a stop.

The same functions make the columns of the batch and those of one question to the service.
"""

import warnings
from collections.abc import Mapping

import numpy as np

STEP = 6
STEPS = 28
DAY = 24 // STEP
CHANNELS = ("vib", "temp_c", "pressure_bar", "load")
WINDOW = [f"{name}_{step:02d}" for name in (*CHANNELS, "vib_sd") for step in range(STEPS)]

Columns = dict[str, np.ndarray]


def window_columns(hourly: Mapping[str, np.ndarray], life: np.ndarray, life_at_mark: np.ndarray) -> Columns:
    """Columns for every mark: (pumps, marks) arrays; a mark stands after each six hours, and sees what came before it.

    hourly: channel -> (pumps, hours), NaN where nothing is known. life: (pumps, hours), the number of the life that a
    reading belongs to; life_at_mark: (pumps, marks), the life that goes on at the mark.
    """
    alive = _steps(life) == life_at_mark[:, :, None]
    known = {name: np.where(alive, _steps(values), np.nan) for name, values in hourly.items()}
    means = {name: _mean(values, axis=2) for name, values in known.items()}
    spread = np.where(np.isfinite(known["vib"]).sum(axis=2) > 1, _sd(known["vib"]), np.nan)
    columns = {
        f"{name}_{step:02d}": _back(values, life_at_mark, step)
        for name, values in {**means, "vib_sd": spread}.items()
        for step in range(STEPS)
    }
    for name in CHANNELS:
        columns[f"{name}_24h_mean"] = _day(known[name], life_at_mark)
    heard = np.isfinite(np.stack([known[name] for name in CHANNELS])).any(axis=0)
    columns["readings_24h"] = np.nansum(_last_day(np.where(heard, 1.0, np.nan), life_at_mark), axis=2).astype("int64")
    return columns


def _steps(values: np.ndarray) -> np.ndarray:
    """(pumps, hours) -> (pumps, marks, hours of a step)."""
    return values.reshape(len(values), -1, STEP)


def _back(values: np.ndarray, life: np.ndarray, step: int) -> np.ndarray:
    """The value of `step` steps before each mark, or nothing when that was another life."""
    shifted = np.full(values.shape, np.nan)
    shifted[:, step:] = values[:, : values.shape[1] - step]
    same = np.zeros(values.shape, dtype=bool)
    same[:, step:] = life[:, step:] == life[:, : life.shape[1] - step]
    return np.where(same, shifted, np.nan)


def _last_day(known: np.ndarray, life: np.ndarray) -> np.ndarray:
    """(pumps, marks, 24): the readings of the day before each mark, those of another life left out."""
    hours = [[_back(known[:, :, hour], life, step) for hour in range(STEP)] for step in range(DAY)]
    return np.stack([values for step in hours for values in step], axis=2)


def _day(known: np.ndarray, life: np.ndarray) -> np.ndarray:
    return _mean(_last_day(known, life), axis=2)


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is nothing
        return np.nanmean(values, axis=axis)


def _sd(values: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanstd(values, axis=2)
