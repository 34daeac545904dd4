"""Three kinds of alarm as expressions: a flight stands in a long table once for each slice that it belongs to."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
import polars as pl

OTHER_UNIT, FEWEST_FLIGHTS = math.log(10), 20
OTHER_POPULATION, FLOOR = 0.1, 1e-3
OTHER_OUTCOMES, FEWEST_EXPECTED = 4.5, 8.0
DELAYS = ("dep_delay_min", "arr_delay_min")
TENTHS = [tenth / 10 for tenth in range(1, 10)]


@dataclass(frozen=True)
class Alarm:
    detector: str
    subject: str
    value: float
    threshold: float

    @property
    def rings(self) -> bool:
        return self.value > self.threshold


def watch_contract(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """The middle size of each carrier's delays against what it used to be."""
    columns = ["carrier", *DELAYS]
    sizes = [_sizes(pl.from_pandas(part[columns], include_index=False)) for part in (week, usual)]
    both = sizes[0].join(sizes[1], on=["carrier", "variable"], suffix="_usual").filter(pl.col("n") >= FEWEST_FLIGHTS)
    both = both.with_columns(off=(pl.col("size").log() - pl.col("size_usual").log()).abs())
    for row in both.sort("variable", "carrier").iter_rows(named=True):
        yield Alarm("contract", f"{row['variable']} of {row['carrier']}", row["off"], OTHER_UNIT)


def _sizes(flights: pl.DataFrame) -> pl.DataFrame:
    long = flights.unpivot(DELAYS, index="carrier").drop_nulls().filter(pl.col("value").is_not_nan())
    return long.group_by("carrier", "variable").agg(n=pl.len(), size=pl.col("value").abs().median() + 1)


def watch_population(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """The population stability index of who flies, how far, and when."""
    columns = ["carrier", "distance_mi", "local_hour"]
    now, then = (pl.from_pandas(part[columns], include_index=False) for part in (week, usual))
    yield Alarm("population", "carrier", _index(now["carrier"], then["carrier"]), OTHER_POPULATION)
    for name in columns[1:]:
        edges = sorted({float(then[name].quantile(tenth, "linear")) for tenth in TENTHS})
        parts = [part[name].cast(pl.Float64).cut(edges).cast(pl.String) for part in (now, then)]
        yield Alarm("population", name, _index(*parts), OTHER_POPULATION)


def _index(now: pl.Series, then: pl.Series) -> float:
    shares = [part.alias("part").value_counts(normalize=True, name="share") for part in (now, then)]
    both = shares[0].join(shares[1], on="part", how="full", coalesce=True, suffix="_then").fill_null(0)
    now_, then_ = (pl.max_horizontal(name, pl.lit(FLOOR)) for name in ("share", "share_then"))
    return float(both.select(((now_ - then_) * (now_ / then_).log()).sum()).item())


def watch_outcomes(told: pd.DataFrame, usual: Mapping[str, float]) -> Iterator[Alarm]:
    """What the days of these weeks were off, against the root of as many usual days."""
    days = told["day"].nunique()
    sums = _slices(told).group_by("subject").agg(pl.col("off", "said").sum()).sort("subject")
    for row in sums.iter_rows(named=True):
        if row["said"] >= FEWEST_EXPECTED and usual.get(row["subject"], 0) > 0:
            spread = math.sqrt(days * usual[row["subject"]])
            yield Alarm("outcome", row["subject"], abs(row["off"]) / spread, OTHER_OUTCOMES)


def usual_days(archive: pd.DataFrame) -> dict[str, float]:
    """The mean square of what a day was off, slice by slice, where the model had learnt."""
    daily = _slices(archive).group_by("subject", "day").agg(pl.col("off").sum())
    squares = daily.group_by("subject").agg(pl.col("off").pow(2).sum() / archive["day"].nunique())
    return dict(squares.iter_rows())


def _slices(flights: pd.DataFrame) -> pl.DataFrame:
    """A row for each flight and each slice that it belongs to."""
    told = pl.from_pandas(flights[["day", "said", "late", "carrier", "local_hour"]], include_index=False)
    bank = pl.col("local_hour") // 3 * 3
    subjects = [pl.lit("all"), "carrier " + pl.col("carrier"), pl.format("hours {}-{}", bank, bank + 2)]
    long = told.with_columns(off=pl.col("late") - pl.col("said"), subject=pl.concat_list(subjects))
    return long.explode("subject")
