"""Three kinds of alarm, counted in plain Python: one pass over the rows, and dictionaries."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log
from statistics import median
from typing import Any

import pandas as pd

OTHER_UNIT = 2.5
NOT_COUNTED = 0.5
OTHER_POPULATION = 0.1
OTHER_DEMAND = 0.4
FEWEST_PIECES = 300.0

Row = Any
DAYS: dict[str, Callable[[Row], bool]] = {
    "weekend": lambda row: row.weekday >= 5,
    "promotion": lambda row: row.promo_known > 0,
}


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


class Shop:
    """What a shop's rows of some days add up to."""

    def __init__(self) -> None:
        self.rows = self.uncounted = self.known = 0
        self.pieces = 0.0

    def take(self, row: Row) -> None:
        self.rows += 1
        self.uncounted += row.stockout is pd.NA or row.stockout is None
        if row.sold == row.sold:
            self.known += 1
            self.pieces += row.sold

    @property
    def usual(self) -> float:
        return max(self.pieces / self.known, 0.01) if self.known else 0.01


def _shops(sales: pd.DataFrame) -> dict[str, Shop]:
    shops: dict[str, Shop] = defaultdict(Shop)
    for row in sales[["store", "sold", "stockout", "was_open"]].itertuples(index=False):
        if row.was_open:
            shops[row.store].take(row)
    return shops


def watch_contract(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    before, shops = _shops(usual), _shops(week)
    times = {name: shop.usual / before[name].usual for name, shop in sorted(shops.items()) if shop.known}
    middle = median(times.values())
    for name, shop in sorted(shops.items()):
        yield Alarm("contract", f"stockout in {name}", shop.uncounted / shop.rows, NOT_COUNTED)
        if name in times:
            yield Alarm("contract", f"sold in {name}", max(times[name] / middle, middle / times[name]), OTHER_UNIT)


def watch_population(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    for column in ("category", "kind", "store", "sku"):
        now, then = Counter(week[column]), Counter(usual[column])
        pairs = [
            (max(now[code] / len(week), 1e-3), max(then[code] / len(usual), 1e-3)) for code in sorted({*now, *then})
        ]
        yield Alarm("population", column, sum((a - b) * log(a / b) for a, b in pairs), OTHER_POPULATION)


def watch_outcomes(told: pd.DataFrame) -> Iterator[Alarm]:
    """For each part of the chain, how much further from what was said demand is on some days than on the others."""
    sums: dict[tuple[str, str], list[list[float]]] = defaultdict(lambda: [[0.0, 0.0], [0.0, 0.0]])
    for row in told.itertuples(index=False):
        for name, here in _sides(row):
            side = sums[name][here]
            side[0] += row.said
            side[1] += row.wanted
    for (part, day), sides in sorted(sums.items()):
        if min(said for said, _ in sides) >= FEWEST_PIECES:
            other, this = (log(max(wanted, 1.0) / said) for said, wanted in sides)
            yield Alarm("outcome", f"{part}: {day}", abs(this - other), OTHER_DEMAND)


def _sides(row: Row) -> Iterator[tuple[tuple[str, str], bool]]:
    for day, is_one in DAYS.items():
        here = bool(is_one(row))
        yield (row.kind, day), here
        yield (row.category, day), here
