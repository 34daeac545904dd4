"""What a board of six flights has told by noon, counted by hand; and who else counts when the moment is another."""

import numpy as np

from pipeline.board import Board

HOUR, NOON = 3600, 12 * 3600
# Minutes before noon at which each was to leave, and how late it left; one has not, one leaves at noon to the second.
BEFORE, DELAY = [200, 119, 100, 90, 60, 10], [0.0, 40.0, np.nan, 31.0, 60.0, -30.0]
BOARD = Board(np.array([NOON - 60 * minutes for minutes in BEFORE]), np.array(DELAY))
ASKED = np.array([NOON, NOON + 1, NOON - HOUR])


def test_departures_count_from_the_second_after_they_happened() -> None:
    assert BOARD.departed(ASKED, 2 * HOUR).tolist() == [3, 4, 1]
    assert BOARD.departed(ASKED, 4 * HOUR).tolist() == [4, 5, 2]


def test_late_is_more_than_the_minutes() -> None:
    assert BOARD.late(ASKED, 2 * HOUR, 30).tolist() == [2, 3, 1]
    assert BOARD.late(ASKED, 2 * HOUR, 31).tolist() == [1, 2, 1]


def test_delays_are_cut_before_they_are_added() -> None:
    assert BOARD.delay_sum(ASKED, 2 * HOUR, -20, 50).tolist() == [40 + 31 - 20, 40 + 31 - 20 + 50, 40]


def test_overdue_are_those_that_were_to_leave_and_had_not() -> None:
    assert BOARD.planned(ASKED, 3 * HOUR).tolist() == [5, 5, 4]
    assert BOARD.overdue(ASKED, 3 * HOUR).tolist() == [2, 1, 2]
    assert BOARD.planned(np.array([NOON - 600]), 50 * 60).tolist() == [1]


def test_an_empty_board_tells_nothing() -> None:
    empty = Board(np.array([], dtype="int64"), np.array([]))
    assert empty.departed(ASKED, HOUR).tolist() == empty.overdue(ASKED, HOUR).tolist() == [0, 0, 0]
