"""Demand, and what a shelf sells of it; the losses against the true distribution."""

import numpy as np
import pytest

from worlds.demand import below, cumulative, draw_counts, expected_deviance, expected_pinball, sell, wander


def test_counts_have_the_mean_and_variance_they_promise() -> None:
    counts = draw_counts(np.full((1, 400_000), 6.0), 0.2, np.random.default_rng(1))
    assert counts.mean() == pytest.approx(6, rel=0.01)
    assert counts.var() == pytest.approx(6 + 0.2 * 36, rel=0.02)


def test_a_shelf_sells_no_more_than_it_holds_and_nothing_when_shut() -> None:
    demand = np.array([[5, 5, 5, 0]])
    opened = np.array([[True, False, True, True]])
    shelf = sell(demand, np.array([[3, 3, 9, 9]]), opened, kept=1.0, rng=np.random.default_rng(1))
    assert shelf.sold.tolist() == [[3, 0, 5, 0]]
    assert shelf.left.tolist() == [[0, 0, 4, 9]]


def test_levels_wander_within_their_sd() -> None:
    levels = wander((400, 300), 0.3, 0.98, np.random.default_rng(2))
    assert levels.std() == pytest.approx(0.3, rel=0.1)
    assert np.corrcoef(levels[:, 100], levels[:, 110])[0, 1] == pytest.approx(0.98**10, abs=0.1)


def test_deviance_is_least_at_the_truth() -> None:
    mean = np.array([2.0, 7.0])
    assert expected_deviance(mean, mean) == pytest.approx(0)
    assert expected_deviance(mean, mean * 1.2) > 0 < expected_deviance(mean, mean * 0.8)


def test_probabilities_and_pinball_agree_with_draws() -> None:
    mean = np.array([4.0])
    table = cumulative(mean, 0.1)
    draws = draw_counts(np.full((1, 300_000), 4.0), 0.1, np.random.default_rng(3))
    assert below(np.array([5.0]), table)[0] == pytest.approx((draws <= 5).mean(), abs=0.005)
    assert below(np.array([-1.0]), table)[0] == 0
    gap = draws - 6.0
    realised = np.where(gap >= 0, 0.9 * gap, -0.1 * gap).mean()
    assert expected_pinball(table, np.array([6.0]), 0.9) == pytest.approx(realised, rel=0.02)


def test_a_shelf_goes_on_with_what_was_left_the_evening_before() -> None:
    demand, target, is_open = np.array([[3]]), np.array([[0]]), np.array([[True]])
    rng = np.random.default_rng(1)
    assert sell(demand, target, is_open, 1.0, rng).sold.tolist() == [[0]]
    assert sell(demand, target, is_open, 1.0, rng, np.array([2])).sold.tolist() == [[2]]
