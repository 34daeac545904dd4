"""What a form's clock means: in a zone, on the days when clocks are changed, and when it is no time at all."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from people.cohorts.clocks import read_clock, shift_clock, write_clock

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "is_end", "expected"),
    [
        ("", True, None),
        ("  ", True, None),
        ("2026-12-04T17:00", True, datetime(2026, 12, 4, 16, 0, tzinfo=UTC)),
        ("2026-07-04T17:00", True, datetime(2026, 7, 4, 15, 0, tzinfo=UTC)),
        ("2026-12-04T17:00:30", True, datetime(2026, 12, 4, 16, 0, 30, tzinfo=UTC)),
        ("2026-12-04T17:00+00:00", True, datetime(2026, 12, 4, 17, 0, tzinfo=UTC)),
        # 02:30 comes twice: an end is in the second, a beginning in the first.
        ("2026-10-25T02:30", True, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T02:30", False, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_clock_is_read_in_its_zone(text: str, is_end: bool, expected: datetime | None) -> None:
    assert read_clock(text, BERLIN, is_end).at == expected
    assert not read_clock(text, BERLIN, is_end).fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("soon", "Write a date and a time, such as 2026-12-04T17:00."),
        ("2026-13-04T17:00", "Write a date and a time, such as 2026-12-04T17:00."),
        ("0001-01-01T00:00", "Choose a year from 2000 to 2100."),
        ("9999-12-31T23:59+14:00", "Choose a year from 2000 to 2100."),
        (
            "2027-03-28T02:30",
            "02:30 does not exist in Europe/Berlin: clocks are put forward then. Choose 01:30 or 03:30.",
        ),
    ],
)
def test_what_is_no_time_is_said(text: str, fault: str) -> None:
    assert read_clock(text, BERLIN) == read_clock(text, BERLIN, is_end=False)
    assert (read_clock(text, BERLIN).at, read_clock(text, BERLIN).fault) == (None, fault)


def test_of_an_hour_that_comes_twice_it_is_said_which_is_meant() -> None:
    second = "2026-10-25 02:30 comes twice in Europe/Berlin, since clocks are put back then; the second one is meant."
    assert read_clock("2026-10-25T02:30", BERLIN).remark == second
    assert "the first one is meant" in read_clock("2026-10-25T02:30", BERLIN, is_end=False).remark
    assert not read_clock("2026-10-25T03:30", BERLIN).remark


def test_what_is_shown_is_what_was_set() -> None:
    at = datetime(2026, 12, 4, 16, 0, 59, tzinfo=UTC)
    assert (write_clock(at, BERLIN), write_clock(None, BERLIN)) == ("2026-12-04T17:00", "")


@pytest.mark.parametrize(
    ("at", "days", "expected"),
    [
        # Over the change of clocks it stays five in the afternoon.
        (datetime(2026, 10, 23, 15, 0, tzinfo=UTC), 7, datetime(2026, 10, 30, 16, 0, tzinfo=UTC)),
        (datetime(2026, 10, 30, 16, 0, tzinfo=UTC), -7, datetime(2026, 10, 23, 15, 0, tzinfo=UTC)),
        # Half past two does not exist on that day: half past three.
        (datetime(2027, 3, 27, 1, 30, tzinfo=UTC), 1, datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_days_later_clocks_show_the_same(at: datetime, days: int, expected: datetime) -> None:
    assert shift_clock(at, days, BERLIN) == expected
