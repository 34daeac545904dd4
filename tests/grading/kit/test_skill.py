"""Measures of probabilities, against numbers worked out by hand."""

import math

import numpy as np
import pytest

from grading.kit import (
    auc,
    bootstrap_bound,
    brier_losses,
    calibration,
    deciles,
    entropy,
    expected_log_loss,
    log_losses,
    relative_gain,
    skill_score,
)


def test_the_realised_loss_is_minus_the_logarithm_of_what_was_said() -> None:
    assert log_losses([1, 0], [0.25, 0.25]).tolist() == pytest.approx([math.log(4), -math.log(0.75)])


def test_the_expected_loss_weighs_both_outcomes_by_the_true_probability() -> None:
    by_hand = -(0.2 * math.log(0.5) + 0.8 * math.log(0.5))
    assert expected_log_loss([0.2], [0.5]) == pytest.approx(by_hand) == pytest.approx(math.log(2))
    assert entropy(0.2) == pytest.approx(0.5004024)


def test_certainty_that_is_wrong_costs_much_but_not_infinity() -> None:
    assert expected_log_loss([1.0], [0.0]) == pytest.approx(-math.log(1e-6))


def test_skill_is_nought_for_the_constant_and_one_for_the_oracle() -> None:
    p, oracle = [0.1, 0.3], [0.1, 0.3]
    assert skill_score(p, [0.2, 0.2], 0.2, oracle) == pytest.approx(0)
    assert skill_score(p, oracle, 0.2, oracle) == pytest.approx(1)
    assert skill_score(p, [0.3, 0.1], 0.2, oracle) < 0


def test_a_world_without_signal_has_no_skill_to_measure() -> None:
    with pytest.raises(ValueError, match="no signal"):
        skill_score([0.2, 0.2], [0.1, 0.1], 0.2, [0.2, 0.2])


def test_relative_gain_is_the_share_of_the_loss_that_is_removed() -> None:
    assert relative_gain(0.15, 0.20) == pytest.approx(0.25)


def test_true_probabilities_are_calibrated() -> None:
    p = np.linspace(0.01, 0.6, 500)
    found = calibration(p, p)
    assert (found.intercept, found.slope) == (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))
    assert (found.ratio, found.lost) == (pytest.approx(1), pytest.approx(0, abs=1e-9))


def test_a_shift_and_a_stretch_on_the_logit_scale_are_found_again() -> None:
    p = np.linspace(0.01, 0.6, 500)
    logit = np.log(p / (1 - p))
    said = 1 / (1 + np.exp(-(2 * logit + 1)))
    found = calibration(p, said)
    assert (found.slope, found.intercept) == (pytest.approx(0.5, abs=1e-5), pytest.approx(-0.5, abs=1e-5))
    assert found.lost == pytest.approx(expected_log_loss(p, said) - expected_log_loss(p, p), abs=1e-6)


def test_a_constant_and_a_hard_class_do_not_upset_the_fit() -> None:
    p = np.linspace(0.01, 0.6, 100)
    assert calibration(p, np.full(100, 0.05)).ratio == pytest.approx(0.05 / p.mean())
    assert math.isfinite(calibration(p, (p > 0.3).astype(float)).lost)


def test_auc_is_the_share_of_pairs_in_order_with_ties_counted_half() -> None:
    assert auc([0, 0, 1, 1], [1, 3, 2, 4]) == pytest.approx(3 / 4)
    assert auc([0, 1], [5, 5]) == pytest.approx(1 / 2)
    assert auc([0, 0, 1], [1, 2, float("nan")]) == pytest.approx(1 / 2)
    assert auc([1, 1], [1, 2]) == pytest.approx(1 / 2)


def test_auc_of_a_probability_is_its_expectation_over_labels() -> None:
    """Rows at 1 and 2 with p = 0.2 and 0.6: (0.2*0.8/2 + 0.6*(0.8 + 0.4/2)) / (0.8 * 1.2)."""
    assert auc([0.2, 0.6], [1, 2]) == pytest.approx((0.08 + 0.6) / 0.96)


def test_the_bootstrap_interval_holds_the_mean_and_repeats_itself() -> None:
    values = np.random.default_rng(1).normal(3, 1, 2000)
    low, high = bootstrap_bound(values, seed=4)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 / math.sqrt(2000), rel=0.2)
    assert bootstrap_bound(values, seed=4) == (low, high)


def test_the_brier_score_is_the_square_and_its_expectation_adds_the_variance() -> None:
    assert brier_losses([1, 0], [0.8, 0.8]) == pytest.approx([0.04, 0.64])
    assert brier_losses([0.3], [0.5]) == pytest.approx([0.2**2 + 0.3 * 0.7])


def test_deciles_are_equal_groups_by_what_was_said() -> None:
    said = np.linspace(0.05, 0.95, 100)
    points = deciles(said**2, said)
    assert len(points) == 10
    assert points == sorted(points)
    assert points[0] == pytest.approx((said[:10].mean(), (said[:10] ** 2).mean()))
    assert len(deciles([1, 0], [0.2, 0.1])) == 2
