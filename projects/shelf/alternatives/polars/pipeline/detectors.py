"""Three kinds of alarm, from frames of some weeks, by grouping in Polars."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import pandas as pd
import polars as pl

OTHER_UNIT = log(2.5)
NOT_COUNTED = 0.5
OTHER_POPULATION = 0.1
OTHER_DEMAND = 0.4
FEWEST_PIECES = 300.0
# Of whom, and which days are laid against the others.
HABITS = [(who, day) for who in ("kind", "category") for day in ("on a weekend", "in a promotion")]


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
    now, then = _by_shop(week), _by_shop(usual).select("store", usual="pieces")
    moved = (pl.col("pieces").clip(0.01) / pl.col("usual")).log()
    shops = now.join(then, on="store").with_columns(off=(moved - moved.median()).abs())
    for row in shops.sort("store").iter_rows(named=True):
        yield Alarm("contract", f"stockout in {row['store']}", row["unknown"], NOT_COUNTED)
        if row["off"] is not None:
            yield Alarm("contract", f"sold in {row['store']}", row["off"], OTHER_UNIT)


def _by_shop(sales: pd.DataFrame) -> pl.DataFrame:
    known = pl.from_pandas(sales[["store", "sold", "stockout", "was_open"]], nan_to_null=True).filter("was_open")
    return known.group_by("store").agg(pieces=pl.col("sold").mean(), unknown=pl.col("stockout").is_null().mean())


def watch_population(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    for column in ("category", "kind", "store", "sku"):
        now, then = (_shares(part, column) for part in (week, usual))
        both = now.join(then, on=column, how="full", coalesce=True, suffix="_then").fill_null(0.0)
        a, b = (pl.col(name).clip(1e-3) for name in ("share", "share_then"))
        yield Alarm("population", column, both.select(((a - b) * (a / b).log()).sum()).item(), OTHER_POPULATION)


def _shares(sales: pd.DataFrame, column: str) -> pl.DataFrame:
    rows = pl.from_pandas(sales[[column]])
    return rows.group_by(column).agg(share=pl.len() / len(rows))


def watch_outcomes(told: pd.DataFrame) -> Iterator[Alarm]:
    """How much further from what was said demand is on some days than on the others, for each part of the chain."""
    columns = ["kind", "category", "weekday", "promo_known", "said", "wanted"]
    days = pl.from_pandas(told[columns]).with_columns(
        (pl.col("weekday") >= 5).alias("on a weekend"),
        (pl.col("promo_known") > 0).alias("in a promotion"),
    )
    for who, day in HABITS:
        sums = days.group_by(who, day).agg(pl.col("said").sum(), pl.col("wanted").sum())
        off = sums.filter(pl.col("said") >= FEWEST_PIECES).with_columns(
            off=(pl.col("wanted").clip(1.0) / pl.col("said")).log()
        )
        gaps = off.group_by(who).agg(gap=pl.col("off").max() - pl.col("off").min(), sides=pl.len())
        for name, gap in gaps.filter(pl.col("sides") == 2).sort(who).select(who, "gap").iter_rows():
            yield Alarm("outcome", f"{name} {day}", gap, OTHER_DEMAND)
