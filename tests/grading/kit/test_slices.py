"""Skill by slice and what first ranks catch, against numbers worked out by hand."""

import numpy as np
import pytest

from grading.kit import caught, decision_value, skill_by_slice, skill_score, worst_slices

RNG = np.random.default_rng(3)
NAMES = np.repeat(["shoes", "travel", "books"], [600, 600, 100])
P = np.clip(RNG.beta(1, 8, len(NAMES)), 0.01, 0.9)
NAIVE = float(P.mean())
SAID = np.where(NAMES == "travel", NAIVE, P)


def test_each_slice_has_its_skill_in_its_interval_and_the_worst_comes_first() -> None:
    found = skill_by_slice(NAMES, P, SAID, NAIVE, P, fewest=400)
    assert list(found) == ["travel", "shoes"]
    assert found["travel"] == pytest.approx((0, 0, 0))
    assert found["shoes"] == pytest.approx((1, 1, 1))
    half = skill_by_slice(NAMES, P, (SAID + NAIVE) / 2, NAIVE, P, fewest=100)
    low, skill, high = half["shoes"]
    assert low < skill < high
    rows = NAMES == "shoes"
    assert skill == pytest.approx(skill_score(P[rows], ((SAID + NAIVE) / 2)[rows], NAIVE, P[rows]))
    assert half == skill_by_slice(NAMES, P, (SAID + NAIVE) / 2, NAIVE, P, fewest=100)
    assert worst_slices(half, 1) == ["travel"]


def test_small_slices_and_those_without_a_signal_are_left_out() -> None:
    names = np.array([None, "flat"] * 50, dtype=object)
    p = np.where(names == "flat", 0.2, np.linspace(0, 1, 100))
    assert list(skill_by_slice(names, p, p, 0.2, p, fewest=50)) == ["unknown"]
    assert skill_by_slice(names, p, p, 0.2, p, fewest=51) == {}


def test_what_the_first_ranks_catch_is_a_share_of_all_events() -> None:
    target, score = [1, 0, 1, 0], [0.9, 0.8, 0.1, 0.2]
    assert caught(target, score, 0.25) == 0.5
    assert caught(target, score, 1.0) == 1.0
    assert caught([0.5, 0.25, 0.25], [3, 2, 1], 0.34) == 0.5
    assert caught([0, 0], [1, 2], 0.5) == 0.0


def test_equal_scores_say_nothing_whatever_the_order_of_rows() -> None:
    assert caught([1, 0, 0, 0], [0.5] * 4, 0.5) == caught([0, 0, 0, 1], [0.5] * 4, 0.5) == 0.5
    assert caught([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.5], 0.5) == pytest.approx(0.5 + 1 / 6)


def test_a_missing_score_ranks_last() -> None:
    assert caught([1, 0], [np.nan, 0.1], 0.5) == 0.0


def test_the_value_of_a_decision_is_measured_against_the_oracles() -> None:
    target = [0.5, 0.3, 0.1, 0.1]
    assert decision_value(target, target, target, 0.25) == 1.0
    assert decision_value(target, [0, 1, 0, 0], target, 0.25) == pytest.approx(0.6)
    with pytest.raises(ValueError, match="no events"):
        decision_value([0, 0], [1, 2], [1, 2], 0.5)
