"""Formulas: a closed vocabulary, and a sentence for everything outside it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from worlds.expressions import ExpressionError, Parent, Scope, evaluate
from worlds.seeds import Seed
from worlds.vocabulary import VOCABULARY, calibrate


@pytest.fixture
def value() -> Callable[[str], object]:
    merchants = pd.DataFrame({"country": ["DE", "US"], "risk": [0.5, -1.0]})
    scope = Scope(
        path="events/sale/score",
        rows=4,
        stream=Seed(1, 1).draw_stream,
        columns={"amount": np.array([1.0, 2.0, 3.0, 4.0]), "seconds": np.array([0, 10, 20, 4000]), "who": list("aaba")},
        params={"b": 2.0},
        tables={"country": {"keys": ["DE", "US"], "fee": [10, 20], "share": [1.0, 0.0]}},
        parents={"merchant": Parent(merchants, np.array([0, 1, 0, 1]))},
    )
    return lambda formula: evaluate(formula, scope, VOCABULARY)


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("amount*b + 1", [3, 5, 7, 9]),
        ("-amount", [-1, -2, -3, -4]),
        ("amount >= 3", [False, False, True, True]),
        ("merchant.risk", [0.5, -1, 0.5, -1]),
        ("lookup('country', 'fee', merchant.country)", [10, 20, 10, 20]),
        ("prior_count('who', 3600)", [0, 1, 0, 0]),
        ("first_time('who', 'who')", [True, False, True, False]),
        ("where(amount < 2, 0, clip(amount, 0, 3))", [0, 2, 3, 3]),
    ],
)
def test_formulas_are_computed_for_all_rows_at_once(value: Callable, formula: str, answer: list) -> None:
    assert np.asarray(value(formula)).tolist() == answer


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("__import__('os').system('id')", "not allowed"),
        ("__import__('os')", "unknown function '__import__'"),
        ("eval('1')", "unknown function 'eval'"),
        ("amount.__class__", "'amount' is not an entity"),
        ("merchant.__class__", "merchant has no column '__class__'"),
        ("().__class__.__bases__", "not allowed"),
        ("[x for x in amount]", "not allowed"),
        ("(lambda: 1)()", "not allowed"),
        ("amount[0]", "not allowed"),
        ("2 ** 9 ** 9 ** 9", "not allowed"),
        ("exp(*amount)", "not allowed"),
        ("normal(0, sd=1)", "not allowed"),
        ("b'bytes'", "not allowed"),
        ("amuont + 1", "unknown name 'amuont'"),
        ("shop.risk", "'shop' is not an entity"),
        ("lookup('contry', 'fee', who)", "no table 'contry'"),
        ("lookup('country', 'tax', who)", "no column 'tax'"),
        ("prior_count('whom', 1)", "no column 'whom'"),
        ("normal(0)", "normal takes 2 values, not 1"),
        ("1 +", "is not a formula"),
        ("1 / 0", "cannot be computed"),
        ("'a' + 1", "cannot be computed"),
        ("-" * 100 + "1", "nested"),
        ("(" * 300 + "1" + ")" * 300, "formula"),
        ("1 + " * 400 + "1", "characters"),
    ],
)
def test_whatever_is_outside_is_refused_with_a_sentence(value: Callable, formula: str, sentence: str) -> None:
    with pytest.raises(ExpressionError, match="events/sale/score") as refused:
        value(formula)
    assert sentence in str(refused.value)


def test_calibration_meets_the_rate_and_keeps_the_order() -> None:
    score = np.random.default_rng(0).normal(size=2000)
    p = calibrate(score, 0.06)
    assert abs(p.mean() - 0.06) < 1e-9
    assert (np.diff(p[np.argsort(score)]) >= 0).all()
