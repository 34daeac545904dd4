"""Exchange rates that wander from a level and rest on weekends. It does not know how they are published."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from worlds.domain import Calendar

DAILY_SD = 0.003


def walk_rates(calendar: Calendar, levels: Mapping[str, float], rng: np.random.Generator) -> pd.DataFrame:
    """Units of the home currency per unit, for every currency and day; on weekends the last rate before holds."""
    days = pd.date_range(calendar.start, periods=calendar.all_days, freq="D")
    business = np.maximum.accumulate(np.where(days.day_of_week < 5, np.arange(len(days)), 0))
    parts = []
    for currency, level in sorted(levels.items()):
        walk = np.round(level * np.exp(np.cumsum(rng.normal(0, DAILY_SD, len(days)))), 5)
        dates = days.strftime("%Y-%m-%d")
        parts.append(pd.DataFrame({"date": dates, "currency": currency, "eur_per_unit": walk[business]}))
    rates = pd.concat(parts, ignore_index=True)
    return rates.assign(record_id=rates["currency"] + ":" + rates["date"])


def rate_of(rates: pd.DataFrame, currency: pd.Series, moment: pd.Series) -> np.ndarray:
    """The rate in force for each row; the home currency has none and counts as one."""
    by_day = rates.set_index("record_id")["eur_per_unit"]
    return np.asarray((currency + ":" + moment.dt.strftime("%Y-%m-%d")).map(by_day).fillna(1.0))
