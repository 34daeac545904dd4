"""Empty shelves say "at least"; quantiles are those of counts."""

import numpy as np
import pytest

from pipeline.demand import asked_for, deviance, quantiles, typical


def test_what_was_asked_for_is_what_a_simulation_says() -> None:
    rng = np.random.default_rng(3)
    demand = rng.poisson(6 * rng.gamma(10, 0.1, 400_000))
    for sold in (0, 4, 9):
        wanted = demand[demand >= sold].mean()
        assert asked_for(np.array([float(sold)]), np.array([6.0]), 0.1)[0] == pytest.approx(wanted, rel=0.02)


def test_a_level_sees_through_empty_shelves() -> None:
    rng = np.random.default_rng(4)
    demand = rng.poisson(8 * rng.gamma(10, 0.1, (200, 56)))
    sold, everything = np.minimum(demand, 8).astype(float), np.ones((200, 56), dtype=bool)
    level = typical(sold, demand >= 8, everything, 0.1)
    assert sold.mean() < 7
    assert level.mean() == pytest.approx(8, rel=0.03)
    assert typical(sold, np.zeros_like(everything), everything, 0.1).mean() == pytest.approx(sold.mean())


def test_quantiles_hold_their_shares_and_keep_their_order() -> None:
    rng = np.random.default_rng(5)
    low, middle, high = quantiles(np.array([5.0]), 0.1, (0.1, 0.5, 0.9))[0]
    demand = rng.poisson(5 * rng.gamma(10, 0.1, 200_000))
    assert low < middle < high
    assert (demand < high).mean() < 0.9 <= (demand <= high).mean() + 0.005


def test_deviance_is_nought_for_whoever_says_it_exactly() -> None:
    assert deviance(np.array([0.0, 3.0]), np.array([1e-9, 3.0])) == pytest.approx([0, 0], abs=1e-6)
    assert (deviance(np.array([0.0, 3.0]), np.array([2.0, 2.0])) > 0).all()
