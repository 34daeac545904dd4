"""Three kinds of alarm: a broken contract, another population, other outcomes. Each from one week and what is usual."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

# A unit of time is wrong by sixty; no week of storms moves a carrier's middle delay by ten.
OTHER_UNIT = float(np.log(10))
FEWEST_FLIGHTS = 20
# The usual reading of the index: below a tenth nothing has happened.
OTHER_POPULATION = 0.1
BINS = 10
# Standard deviations of what days do anyway; weeks and slices are many, and storms have long tails.
OTHER_OUTCOMES = 2.0
FEWEST_EXPECTED = 8.0
BANK = 3


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
    """The middle size of each carrier's delays against what it used to be: minutes do not become hours overnight."""
    for column in ("dep_delay_min", "arr_delay_min"):
        size = usual[column].abs().groupby(usual["carrier"]).median()
        for carrier, delays in week[column].dropna().abs().groupby(week["carrier"]):
            if len(delays) >= FEWEST_FLIGHTS and carrier in size.index:
                off = abs(np.log((delays.median() + 1) / (size[carrier] + 1)))
                yield Alarm("contract", f"{column} of {carrier}", float(off), OTHER_UNIT)


def watch_population(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """The population stability index of who flies, how far and when."""
    shares = [part["carrier"].value_counts(normalize=True) for part in (week, usual)]
    now, then = (share.reindex(shares[0].index.union(shares[1].index)).fillna(0) for share in shares)
    yield Alarm("population", "carrier", _index(now.to_numpy(), then.to_numpy()), OTHER_POPULATION)
    for column in ("distance_mi", "local_hour"):
        edges = np.unique(np.quantile(usual[column], np.linspace(0, 1, BINS + 1)[1:-1]))
        moved = _index(*(_shares(part[column].to_numpy(), edges) for part in (week, usual)))
        yield Alarm("population", column, moved, OTHER_POPULATION)


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1) / len(values)


def _index(now: np.ndarray, then: np.ndarray) -> float:
    now, then = np.maximum(now, 1e-3), np.maximum(then, 1e-3)
    return float(((now - then) * np.log(now / then)).sum())


def watch_outcomes(told: pd.DataFrame, usual: Mapping[str, float]) -> Iterator[Alarm]:
    """Late flights against what was said, slice by slice, in standard deviations of as many usual days.

    told: day, said, late and the columns of slices. One thunderstorm is one event and not two hundred, so that what
    varies are days and not flights.
    """
    days = told["day"].nunique()
    for name, rows in slices(told):
        if rows["said"].sum() >= FEWEST_EXPECTED and days and usual:
            off = abs(float((rows["late"] - rows["said"]).sum())) / np.sqrt((rows["said"] * (1 - rows["said"])).sum())
            yield Alarm("outcome", name, float(off), OTHER_OUTCOMES)


def usual_days(archive: pd.DataFrame) -> dict[str, float]:
    """For each slice the mean square of what a day's late flights were off, in the weeks that the model learnt from."""
    days = archive["day"].nunique()
    sums = {name: (rows["late"] - rows["said"]).groupby(rows["day"]).sum() for name, rows in slices(archive)}
    return {name: float((off**2).sum()) / days for name, off in sums.items()}


def slices(flights: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "all", flights
    for carrier, rows in flights.groupby("carrier"):
        yield f"carrier {carrier}", rows
    for bank, rows in flights.groupby(flights["local_hour"] // BANK * BANK):
        yield f"hours {bank}-{bank + BANK - 1}", rows
