"""Three kinds of alarm, from frames of some weeks: a broken contract, another population, another demand."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

# Tills that count something else are wrong by a factor of three or more; no honest week moves a shop by two and a half.
OTHER_UNIT = float(np.log(2.5))
# A shop that does not count on one evening is one of seven.
NOT_COUNTED = 0.5
# The usual reading of this index: below a tenth nothing has happened.
OTHER_POPULATION = 0.1
# How much further from what was said than elsewhere demand may be, in logarithms: a third less or half more.
OTHER_DEMAND = 0.1
FEWEST_PIECES = 300.0


@dataclass(frozen=True)
class Alarm:
    """What one detector says of one subject; it rings when the value is above the threshold."""

    detector: str
    subject: str
    value: float
    threshold: float

    @property
    def rings(self) -> bool:
        return self.value > self.threshold


def watch_contract(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """Shop by shop: pieces per shelf and day against what they used to be, and the share of shelves nobody counted.

    A season moves all shops; tills that are set up anew move one.
    """
    moved = np.log(_pieces(week) / _pieces(usual)).dropna()
    for store, off in (moved - moved.median()).abs().items():
        yield Alarm("contract", f"sold in {store}", float(off), OTHER_UNIT)
    opened = week[week["was_open"]]
    for store, unknown in opened["stockout"].isna().groupby(opened["store"]).mean().items():
        yield Alarm("contract", f"stockout in {store}", float(unknown), NOT_COUNTED)


def _pieces(sales: pd.DataFrame) -> pd.Series:
    known = sales[sales["was_open"] & sales["sold"].notna()]
    return known.groupby("store")["sold"].mean().clip(lower=0.01)


def watch_population(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """The population stability index of which shelves there are; holidays close them all alike."""
    for column in ("category", "kind", "store", "sku"):
        shares = [part[column].value_counts(normalize=True) for part in (week, usual)]
        both = shares[0].index.union(shares[1].index)
        now, then = (np.maximum(share.reindex(both).fillna(0).to_numpy(), 1e-3) for share in shares)
        yield Alarm("population", column, float(((now - then) * np.log(now / then)).sum()), OTHER_POPULATION)


def watch_outcomes(told: pd.DataFrame) -> Iterator[Alarm]:
    """What was probably asked for (`wanted`) against what was `said`, on some days more than on the others.

    Where levels drift with the season, the averages behind a forecast follow, and all days of a shelf are off alike; a
    rule that turns moves some days against others.
    """
    for name, here, elsewhere in _pairs(told):
        if min(told.loc[here, "said"].sum(), told.loc[elsewhere, "said"].sum()) >= FEWEST_PIECES:
            yield Alarm("outcome", name, abs(_off(told[here])), OTHER_DEMAND)


def _off(told: pd.DataFrame) -> float:
    return float(np.log(max(told["sold"].sum(), 1.0) / told["said"].sum()))


def _pairs(told: pd.DataFrame) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """For each kind of shop and of article: weekends and other days, promotions and other days."""
    days = {
        "weekend": (told["weekday"] >= 5).to_numpy(),
        "promotion": (told["promo_known"] > 0).to_numpy(),
    }
    for column in ("kind", "category"):
        for code in sorted(told[column].unique()):
            of_code = (told[column] == code).to_numpy()
            for day, rows in days.items():
                yield f"{day}, {code}", of_code & rows, of_code & ~rows
