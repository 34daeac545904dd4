"""Three kinds of alarm, from arrays and frames of one week: a broken contract, another population, other outcomes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

# A unit is wrong by a factor of ten at the least; no week of honest sales moves a median by five.
OTHER_UNIT = float(np.log(5))
FEWEST_SALES = 20
# The usual reading of this index: below a tenth nothing has happened.
OTHER_POPULATION = 0.1
BINS = 10
# Standard deviations that disputes may be away from what was said; weeks and slices are many, so four are not enough.
OTHER_OUTCOMES = 4.5
FEWEST_EXPECTED = 8.0
# A model that was accepted may say a quarter too much or too little of everybody, and nothing has changed. Of a
# category it may say twice or half: that is a few merchants, known by the few disputes that they happened to have.
OTHER_LEVEL = 1.25
OTHER_CATEGORY = 2.0


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


@dataclass(frozen=True)
class Slice:
    """Some of the sales that are old enough; a sound model may say `level` times too much or too little of them."""

    name: str
    rows: np.ndarray
    level: float = OTHER_LEVEL


def watch_contract(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """The middle amount of each currency against what it used to be: a change of unit cannot hide there."""
    size = np.log(usual["amount_eur"]).groupby(usual["currency"]).median()
    for currency, amounts in week["amount_eur"].dropna().groupby(week["currency"]):
        if len(amounts) >= FEWEST_SALES:
            off = abs(float(np.log(amounts).median()) - float(size.get(currency, np.nan)))
            yield Alarm("contract", f"amount_eur in {currency}", off, OTHER_UNIT)


def watch_population(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """The population stability index of what sales are like, column by column."""
    for column in ("amount_eur", "device_age_days"):
        yield Alarm("population", column, stability(week[column], usual[column]), OTHER_POPULATION)
    for column in ("channel", "currency"):
        shares = [part[column].value_counts(normalize=True) for part in (week, usual)]
        now, then = (share.reindex(shares[0].index.union(shares[1].index)).fillna(0) for share in shares)
        yield Alarm("population", column, _index(now.to_numpy(), then.to_numpy()), OTHER_POPULATION)


def stability(now: pd.Series, then: pd.Series) -> float:
    """The index over tenths of `then`, what is unknown being a bin of its own."""
    edges = np.unique(np.quantile(then.dropna(), np.linspace(0, 1, BINS + 1)[1:-1]))
    return _index(*(_shares(part.to_numpy(dtype="float64"), edges) for part in (now, then)))


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    return np.bincount(place, minlength=len(edges) + 2) / max(1, len(values))


def _index(now: np.ndarray, then: np.ndarray) -> float:
    now, then = np.maximum(now, 1e-3), np.maximum(then, 1e-3)
    return float(((now - then) * np.log(now / then)).sum())


def watch_outcomes(said: np.ndarray, disputed: np.ndarray, slices: Iterable[Slice]) -> Iterator[Alarm]:
    """Disputes against what was said, in standard deviations, slice by slice; every sale must be old enough to tell."""
    for part in slices:
        here = said[part.rows]
        expected, found = float(here.sum()), float(disputed[part.rows].sum())
        if expected >= FEWEST_EXPECTED:
            spread = float(np.sqrt((here * (1 - here)).sum()))
            forgiven = min(max(found, expected / part.level), expected * part.level)
            yield Alarm("outcome", part.name, abs(found - forgiven) / spread, OTHER_OUTCOMES)
