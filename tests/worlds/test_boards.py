"""What a board had told by a moment, against counting by hand; and the anchor, against a world that is known."""

import numpy as np
import pytest

from worlds.anchors import anchor
from worlds.boards import Board

HOUR = 3600


@pytest.fixture
def board() -> Board:
    rng = np.random.default_rng(5)
    delay = np.round(rng.exponential(25, 300) - 10)
    delay[rng.random(300) < 0.05] = np.nan
    return Board(rng.integers(0, 24 * HOUR, 300), delay)


def test_windows_hold_what_had_happened_and_nothing_else(board: Board) -> None:
    asked = np.array([0, 5 * HOUR, 11 * HOUR + 17, 23 * HOUR])
    left = board.scheduled + 60 * board.delay
    for place, now in enumerate(asked):
        gone = (left >= now - 2 * HOUR) & (left < now)
        due = (board.scheduled >= now - 3 * HOUR) & (board.scheduled < now)
        assert board.departed(asked, 2 * HOUR)[place] == gone.sum()
        assert board.late(asked, 2 * HOUR, 30)[place] == (gone & (board.delay > 30)).sum()
        assert board.delay_sum(asked, 2 * HOUR, -5, 60)[place] == np.clip(board.delay[gone], -5, 60).sum()
        assert board.planned(asked, 3 * HOUR)[place] == due.sum()
        assert board.overdue(asked, 3 * HOUR)[place] == (due & ~(left < now)).sum()


def test_what_happens_later_changes_nothing(board: Board) -> None:
    now = np.array([12 * HOUR])
    known = board.scheduled + 60 * board.delay < now[0]
    cut = Board(board.scheduled, np.where(known, board.delay, np.nan))
    assert board.departed(now, 6 * HOUR) == cut.departed(now, 6 * HOUR)
    assert board.overdue(now, 6 * HOUR) == cut.overdue(now, 6 * HOUR)


def test_a_departure_in_the_very_second_is_not_known_yet() -> None:
    board = Board(np.array([100]), np.array([0.0]))
    assert board.departed(np.array([100, 101]), HOUR).tolist() == [0, 1]
    assert board.overdue(np.array([101]), HOUR).tolist() == [0]


def test_an_empty_board_tells_nothing() -> None:
    board = Board(np.array([], dtype="int64"), np.array([]))
    assert board.departed(np.array([5]), HOUR).tolist() == [0]
    assert board.overdue(np.array([5]), HOUR).tolist() == [0]


def test_the_anchor_comes_near_the_truth_where_there_is_one_and_learns_from_nothing_hidden() -> None:
    rng = np.random.default_rng(8)
    numbers, codes = rng.normal(size=(6000, 2)), rng.choice(np.array(["a", "b", "c"], dtype=object), 6000)
    p = 1 / (1 + np.exp(-(numbers[:, 0] - 1.5 * (codes == "b") - 1)))
    outcome = rng.binomial(1, p).astype(float)
    learnable = np.arange(6000) < 4500
    said = anchor(numbers, [codes], outcome, learnable)
    assert np.abs(said - p)[~learnable].mean() < 0.03
    turned = np.where(learnable, outcome, 1 - outcome)
    np.testing.assert_array_equal(said, anchor(numbers, [codes], turned, learnable))
    strange = anchor(numbers, [np.where(learnable, codes, "new")], outcome, learnable)
    assert np.isfinite(strange).all()
