"""Losses of forecasts, against numbers worked out by hand."""

import math

import numpy as np
import pytest

from grading.kit import bias, coverage, pinball_losses, poisson_deviances, skill_of_losses


def test_a_quantile_pays_for_what_lies_above_by_its_level_and_for_what_lies_below_by_the_rest() -> None:
    assert pinball_losses([10, 10], [8, 12], 0.9).tolist() == pytest.approx([1.8, 0.2])
    assert pinball_losses([10], [10], 0.5).tolist() == [0.0]


def test_the_right_quantile_loses_least() -> None:
    actual = np.random.default_rng(1).normal(size=20_000)
    said = {level: pinball_losses(actual, np.full(20_000, level), 0.9).mean() for level in (0.5, 1.2816, 2.0)}
    assert min(said, key=lambda level: said[level]) == 1.2816


def test_coverage_counts_both_ends() -> None:
    assert coverage([1, 2, 3, 4], [1, 2, 4, 0], [1, 3, 5, 3]) == 0.5


def test_the_deviance_is_nought_for_the_true_mean_and_grows_with_the_distance() -> None:
    assert poisson_deviances([4.0, 0.0], [4.0, 1e-6]) == pytest.approx([0, 2e-6])
    assert poisson_deviances([4.0], [2.0]) == pytest.approx([2 * (4 * math.log(2) - 2)])
    assert poisson_deviances([0.0], [3.0]) == pytest.approx([6.0])
    assert np.isfinite(poisson_deviances([5.0], [0.0])).all()


def test_bias_is_what_is_said_too_much_in_all() -> None:
    assert bias([10, 30], [12, 20]) == pytest.approx(-0.2)
    with pytest.raises(ValueError, match="nothing"):
        bias([0, 0], [1, 1])


def test_skill_of_any_loss_lies_between_the_naive_and_the_oracle() -> None:
    assert skill_of_losses(1.5, naive=2.0, oracle=1.0) == 0.5
    assert skill_of_losses(3.0, naive=2.0, oracle=1.0) == -1.0
    with pytest.raises(ValueError, match="no signal"):
        skill_of_losses(1.0, naive=1.0, oracle=1.0)
