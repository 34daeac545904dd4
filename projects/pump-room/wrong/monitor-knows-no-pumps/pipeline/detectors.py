"""Three kinds of alarm, from one week of readings, pumps and outcomes: a broken contract, other pumps, other wear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

# What the data dictionary says a running pump has.
CONTRACT = {"vib": (0, 50), "temp_c": (35, 85), "pressure_bar": (1.5, 8.5), "load": (0, 1)}
OUTSIDE = 0.05
# Above a fifth the population is another one; the sensors of worn pumps alone move the index by a twentieth.
OTHER_POPULATION = 0.2
BINS = 10
# Of all pairs of a row before a failure and a row before none, the share in which the model said more of the latter: a
# model that knows nothing has half of them, and one that knows its pumps a fifth.
OTHER_OUTCOMES = 0.4
# A failure has this many rows before it: they are one event and not twelve.
ROWS_PER_FAILURE = 12
FEWEST_FAILURES = 4


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


def watch_contract(week: pd.DataFrame) -> Iterator[Alarm]:
    """Station by station, the share of readings that no running pump has: another unit cannot hide there."""
    for name, (low, high) in CONTRACT.items():
        known = week[week[name].notna()]
        for site, outside in (~known[name].between(low, high)).groupby(known["site"]).mean().items():
            yield Alarm("contract", f"{name} at {site}", float(outside), OUTSIDE)


def watch_population(week: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    """The population stability index of the readings, and of the pumps that they come from."""
    for name in CONTRACT:
        yield Alarm("population", name, stability(week[name], usual[name]), OTHER_POPULATION)


def stability(now: pd.Series, then: pd.Series) -> float:
    """The index over tenths of `then`, what is unknown being a bin of its own."""
    edges = np.unique(np.quantile(then.dropna(), np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = [np.maximum(_shares(part.to_numpy(dtype="float64"), edges), 1e-3) for part in (now, then)]
    return float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum())


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    return np.bincount(place, minlength=len(edges) + 2) / max(1, len(values))


def watch_outcomes(said: np.ndarray, failed: np.ndarray, slices: Mapping[str, np.ndarray]) -> Iterator[Alarm]:
    """How often the wrong one of two rows was called the riskier, by slice; every row must be old enough to tell."""
    for name, rows in slices.items():
        if FEWEST_FAILURES * ROWS_PER_FAILURE <= failed[rows].sum() < rows.sum():
            yield Alarm("outcome", name, misranked(said[rows], failed[rows]), OTHER_OUTCOMES)


def misranked(said: np.ndarray, failed: np.ndarray) -> float:
    ranks = pd.Series(said).rank().to_numpy()
    before, none = int(failed.sum()), int((~failed).sum())
    return 1 - float(ranks[failed].sum() - before * (before + 1) / 2) / (before * none)
