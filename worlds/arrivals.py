"""When events happen and with whom: rates, hours, weekdays, bursts, chosen counterparties. It knows no columns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.domain import Bursts, Calendar, Counterparty, EventSpec

DAY = 86_400


@dataclass(frozen=True)
class Arrivals:
    """Events in order of time: which actor, how many seconds after the start, whether in a burst."""

    actor: np.ndarray
    seconds: np.ndarray
    in_burst: np.ndarray


def arrive(spec: EventSpec, calendar: Calendar, rate: np.ndarray, rng: np.random.Generator) -> Arrivals:
    """Single events by a Poisson rate per actor, and bursts on top."""
    actor = np.repeat(np.arange(len(rate)), rng.poisson(rate * calendar.all_days))
    days = rng.choice(calendar.all_days, len(actor), p=_day_weights(spec, calendar))
    hours = rng.choice(24, len(actor), p=np.array(spec.hours) / sum(spec.hours))
    seconds = days * DAY + hours * 3600 + rng.integers(0, 3600, len(actor))
    burst_actor, burst_seconds = _burst(spec.bursts, calendar.all_days * DAY, len(rate), rng)
    return _in_order(
        np.concatenate([actor, burst_actor]),
        np.concatenate([seconds, burst_seconds]),
        np.repeat([False, True], [len(actor), len(burst_actor)]),
    )


def _day_weights(spec: EventSpec, calendar: Calendar) -> np.ndarray:
    day = np.arange(calendar.all_days)
    weekday = (calendar.start.weekday() + day) % 7
    weights = np.array(spec.weekdays)[weekday] * (1 + spec.trend_per_day * day)
    return np.asarray(weights / weights.sum())


def _burst(bursts: Bursts, horizon: int, actors: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.flatnonzero(rng.random(actors) < bursts.share_of_entities)
    of_burst = np.repeat(chosen, rng.poisson(bursts.per_entity, len(chosen)))
    size = 1 + rng.poisson(bursts.size_mean, len(of_burst))
    start = rng.uniform(0, horizon - 7200, len(of_burst))
    offset = rng.uniform(0, bursts.span_minutes * 60, size.sum())
    return np.repeat(of_burst, size), (np.repeat(start, size) + offset).astype("int64")


def _in_order(actor: np.ndarray, seconds: np.ndarray, in_burst: np.ndarray) -> Arrivals:
    """By time; one actor never acts twice in the same second, so that "before" has one meaning."""
    _, first = np.unique(actor * (1 << 33) + seconds, return_index=True)
    order = first[np.lexsort((actor[first], seconds[first]))]
    return Arrivals(actor[order], seconds[order], in_burst[order])


def meet(
    spec: Counterparty, actors: pd.DataFrame, others: pd.DataFrame, actor: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The counterparty of each event, by weight; a share of them among those with an equal `same` column."""
    weight = others[spec.weight].to_numpy(dtype=float)
    met = rng.choice(len(others), len(actor), p=weight / weight.sum())
    at_home = rng.random(len(actor)) < spec.same_share
    of_actor, of_other = actors[spec.same].to_numpy()[actor], others[spec.same].to_numpy()
    for value in sorted(set(of_other)):
        pool = np.flatnonzero(of_other == value)
        rows = np.flatnonzero(at_home & (of_actor == value))
        met[rows] = rng.choice(pool, len(rows), p=weight[pool] / weight[pool].sum())
    return np.asarray(met)
