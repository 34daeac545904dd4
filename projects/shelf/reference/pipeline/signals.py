"""What a forecast of one shelf goes by, from plain arrays. It knows what was known on a day, and nothing later."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.demand import typical

HISTORY = 56
HORIZON = 14
DISPERSION = 0.1
FEWEST_PLAIN_DAYS = 10
DIP_DAYS = 7
SAME_WEEKDAYS = 4


@dataclass(frozen=True)
class Past:
    """(shelves, 56) up to and with the day of the forecast: sold and stockout (NaN: unknown), whether the shop was
    open; (shelves, 56 + 14): the discount in the plan of that day."""

    sold: np.ndarray
    stockout: np.ndarray
    is_open: np.ndarray
    discount: np.ndarray

    @property
    def known(self) -> np.ndarray:
        return self.is_open & ~np.isnan(self.sold)


def shelf_signals(past: Past) -> dict[str, np.ndarray]:
    """(shelves,) each: what does not depend on the day that is forecast."""
    known, emptied = past.known, past.stockout == 1
    sold = np.where(known, past.sold, 0)
    plain = known & (past.discount[:, :HISTORY] == 0)
    plain = np.where(plain.sum(axis=1, keepdims=True) >= FEWEST_PLAIN_DAYS, plain, known)
    found = {
        f"demand_{days}": typical(sold[:, -days:], emptied[:, -days:], plain[:, -days:], DISPERSION)
        for days in (14, 28, 56)
    }
    recent = past.is_open[:, -28:] & ~np.isnan(past.stockout[:, -28:])
    return {
        **found,
        "level_56": _mean(sold, known),
        "stockout_share_28": _mean((emptied[:, -28:] & recent).astype("float64"), recent),
        "promo_share_28": (past.discount[:, HISTORY - 28 : HISTORY]).mean(axis=1),
    }


def day_signals(past: Past, horizon: int) -> dict[str, np.ndarray]:
    """(shelves,) each: what depends on how many days ahead is forecast."""
    place = HISTORY - 1 + horizon
    promo, before = past.discount[:, place], past.discount[:, place - DIP_DAYS : place]
    same = slice(HISTORY - 1 - (-horizon % 7), None, -7)
    known = past.known[:, same][:, :SAME_WEEKDAYS]
    return {
        "promo_known": promo,
        "after_promo": ((promo == 0) & (before > 0).any(axis=1)).astype("float64"),
        "same_weekday_4": _mean(np.where(known, past.sold[:, same][:, :SAME_WEEKDAYS], 0), known),
    }


def calendar_signals(day: date, holidays: set[date]) -> dict[str, float]:
    """The weekday, and whether it is payday or the eve of a holiday."""
    eve = day + timedelta(days=1) in holidays and day not in holidays
    return {"weekday": day.weekday(), "is_payday": int(day.day >= 28 or day.day <= 2), "is_eve": int(eve)}


def _mean(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """NaN where nothing counts."""
    number = counts.sum(axis=1)
    return np.where(number > 0, np.where(counts, values, 0).sum(axis=1) / np.maximum(number, 1), np.nan)
