"""The words a domain's formulas are written in. Each takes the scope and values; none reaches outside them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from worlds.expressions import Scope, Value, Word
from worlds.history import first_time, local_hour, local_weekday, prior_count


def sigmoid(score: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-score)))


def calibrate(score: np.ndarray, rate: float) -> np.ndarray:
    """Probabilities with the order of `score` and the mean `rate`; the intercept is found by bisection."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if sigmoid(score + middle).mean() > rate else (middle, high)
    return sigmoid(score + (low + high) / 2)


def _identifiers(scope: Scope, prefix: str, width: float) -> Value:
    numbers = scope.rng.permutation(10 ** int(width) - 1)[: scope.rows] + 1
    return np.array([f"{prefix}_{number:0{int(width)}d}" for number in numbers], dtype=object)


def _choice(scope: Scope, table: str) -> Value:
    codes = scope.code_table(table)
    return scope.rng.choice(np.array(codes["keys"], dtype=object), scope.rows, p=codes["share"])


def _pick(scope: Scope, values: list[Value], shares: list[float]) -> Value:
    return scope.rng.choice(np.array(values, dtype=object), scope.rows, p=shares)


def _switch(scope: Scope, off: Value, on: Value) -> Value:
    if scope.switched is None:
        raise scope.refuse("switch(off, on) may stand in params only; name the param here instead.")
    return on if scope.switched else off


def _lookup(scope: Scope, table: str, column: str, keys: Value) -> Value:
    codes = scope.code_table(table)
    if column not in codes:
        raise scope.refuse(f"table {table} has no column {column!r}.")
    return pd.Series(keys).map(dict(zip(codes["keys"], codes[column], strict=True))).to_numpy()


def _prior_count(scope: Scope, by: str, window: float) -> Value:
    return prior_count(scope.column(by), scope.column("seconds"), window)


def _first_time(scope: Scope, by: str, counterparty: str) -> Value:
    return first_time(scope.column(by), scope.column(counterparty))


def _local_hour(scope: Scope, zones: Value) -> Value:
    return local_hour(pd.DatetimeIndex(scope.column("at")), zones)


def _local_weekday(scope: Scope, zones: Value) -> Value:
    return local_weekday(pd.DatetimeIndex(scope.column("at")), zones)


def _plain(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda scope, *values: function(*values)


VOCABULARY: dict[str, Word] = {
    "normal": Word(2, lambda scope, mean, sd: scope.rng.normal(mean, sd, scope.rows)),
    "uniform": Word(2, lambda scope, low, high: scope.rng.uniform(low, high, scope.rows)),
    "gamma": Word(2, lambda scope, shape, scale: scope.rng.gamma(shape, scale, scope.rows)),
    "exponential": Word(1, lambda scope, mean: scope.rng.exponential(mean, scope.rows)),
    "bernoulli": Word(1, lambda scope, p: (scope.rng.random(scope.rows) < p).astype("int64")),
    "choice": Word(1, _choice),
    "pick": Word(2, _pick),
    "switch": Word(2, _switch),
    "identifiers": Word(2, _identifiers),
    "rank": Word(0, lambda scope: np.arange(scope.rows)),
    "lookup": Word(3, _lookup),
    "prior_count": Word(2, _prior_count),
    "first_time": Word(2, _first_time),
    "local_hour": Word(1, _local_hour),
    "local_weekday": Word(1, _local_weekday),
    "calibrated": Word(2, _plain(calibrate)),
    "floor": Word(1, _plain(np.floor)),
    "exp": Word(1, _plain(np.exp)),
    "log": Word(1, _plain(np.log)),
    "log1p": Word(1, _plain(np.log1p)),
    "abs": Word(1, _plain(np.abs)),
    "round": Word(2, _plain(lambda value, digits: np.round(value, int(digits)))),
    "clip": Word(3, _plain(np.clip)),
    "where": Word(3, _plain(np.where)),
}
