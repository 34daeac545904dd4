"""Model: recovers what is there, and is nothing but numbers in a file."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.dictionary import Dictionary
from pipeline.model import NUMBERS, fit, load_model


def sales(n: int = 4000) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    columns = pd.DataFrame({name: rng.normal(size=n) for name in NUMBERS})
    columns = columns.assign(category=rng.choice(["travel", "gaming"], n), channel="web")
    score = 1.5 * columns["log_amount"] - 1.0 * (columns["category"] == "travel") - 2
    p = 1 / (1 + np.exp(-score.to_numpy()))
    return columns, rng.binomial(1, p), p


def test_it_finds_the_probabilities_that_made_the_outcomes(dictionary: Dictionary) -> None:
    columns, outcome, p = sales()
    said = fit(columns, outcome, dictionary, {}).probability(columns)
    assert np.abs(said - p).mean() < 0.02
    assert abs(said.mean() - outcome.mean()) < 1e-3


def test_a_saved_model_answers_as_before_and_twice_the_same_bytes(tmp_path: Path, dictionary: Dictionary) -> None:
    columns, outcome, _ = sales(500)
    for name in ("one", "two"):
        fit(columns, outcome, dictionary, {"m_1": -2.0}).save(tmp_path / name)
    model, version = load_model(tmp_path / "one")
    assert version == load_model(tmp_path / "two")[1]
    np.testing.assert_array_equal(
        model.probability(columns), fit(columns, outcome, dictionary, {}).probability(columns)
    )


def test_one_row_alone_gets_the_answer_that_it_gets_among_others(dictionary: Dictionary) -> None:
    columns, outcome, _ = sales(500)
    model = fit(columns, outcome, dictionary, {})
    np.testing.assert_allclose(model.probability(columns.iloc[7:8])[0], model.probability(columns)[7], rtol=1e-12)


def test_an_unseen_category_is_scored_and_not_refused(dictionary: Dictionary) -> None:
    columns, outcome, _ = sales(500)
    assert np.isfinite(fit(columns, outcome, dictionary, {}).probability(columns.assign(category="pharmacy"))).all()
