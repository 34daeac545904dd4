"""A chain that wears: its future adds up, its lives obey it, and its filter is honest."""

import numpy as np

from worlds.states import Wear, foresee, live


def make_wear(units: int = 40, levels: int = 4) -> Wear:
    climb = np.full((units, levels), 0.1)
    climb[:, -1] = 0
    hazard = np.tile(np.array([0.0, 0.001, 0.01, 0.1])[:levels], (units, 1))
    start = np.zeros(levels)
    start[0] = 1
    return Wear(climb, hazard, start)


def test_the_future_agrees_with_stepping_through_it() -> None:
    wear = make_wear(1)
    alive = np.array([[1.0, 0.0, 0.0, 0.0]])
    for _ in range(24):
        alive = wear.advance(alive)
    assert np.isclose(1 - alive.sum(), wear.fails_within(24)[0, 0])
    assert (np.diff(wear.fails_within(24)[0]) > 0).all()


def test_a_failure_is_followed_by_its_repair_and_a_new_life() -> None:
    planned = np.zeros((40, 400), dtype=int)
    planned[:, 50] = 5
    lives = live(make_wear(), planned, lambda unit: 7, np.random.default_rng(1))
    assert (lives.level[:, 50:55] == -1).all()
    for unit, step in zip(*np.nonzero(lives.failed[:, :390]), strict=True):
        assert lives.level[unit, step] >= 0
        assert (lives.level[unit, step + 1 : step + 8] == -1).all()
    begun = lives.renewed[:, :-1] & (lives.level[:, :-1] >= 0)
    assert begun.any()
    assert (lives.level[:, :-1][begun] == 0).all()


def test_blind_or_not_the_filter_is_right_on_average() -> None:
    wear, steps = make_wear(400), 120
    lives = live(wear, np.zeros((400, steps), dtype=int), lambda unit: 3, np.random.default_rng(2))
    blind = np.ones((400, steps, 4))
    known, unseen = foresee(wear, lives, blind, 10)
    up = lives.level >= 0
    assert abs(known[up].mean() - unseen[up].mean()) < 0.01
    assert np.isnan(known[~up]).all()
    seen = np.where(np.arange(4) == lives.level[:, :, None], 1.0, 1e-9)
    _, told = foresee(wear, lives, seen, 10)
    assert np.abs(told - known)[up].mean() < np.abs(unseen - known)[up].mean() / 2
