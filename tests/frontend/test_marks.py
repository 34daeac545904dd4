"""Small marks: a state is always a drawing and a word."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from frontend.templatetags import milepost
from frontend.words import ANSWERS, LIMITS, MILESTONE_STATES, UNKNOWN

ICONS = Path(milepost.__file__).parents[1] / "static" / "frontend" / "icons.svg"
DRAWN = set(re.findall(r'<symbol id="([a-z]+)"', ICONS.read_text()))


def test_every_state_has_a_drawing_and_a_word_of_its_own() -> None:
    marks = MILESTONE_STATES.values()
    assert {mark.icon for mark in (*marks, *ANSWERS.values(), UNKNOWN)} <= DRAWN
    assert len({mark.icon for mark in marks}) == len({str(mark.word) for mark in marks}) == len(MILESTONE_STATES)


@pytest.mark.parametrize("state", MILESTONE_STATES)
def test_a_mark_says_its_state_in_words(state: str) -> None:
    shown = milepost.state_mark(state)
    assert str(MILESTONE_STATES[state].word) in shown
    assert 'aria-hidden="true"' in shown


def test_a_state_that_nobody_knows_is_still_a_word() -> None:
    assert "Unknown" in milepost.state_mark("<new>")
    assert "<new>" not in milepost.state_mark("<new>")


def test_icons_that_templates_ask_for_are_drawn() -> None:
    templates = (ICONS.parents[2] / "templates").rglob("*.html")
    asked = {name for path in templates for name in re.findall(r'{% icon "([a-z]+)"', path.read_text())}
    assert asked
    assert asked <= DRAWN


def test_limits_are_told_in_words_and_unknown_ones_are_not_hidden() -> None:
    lines = milepost.limit_lines({"memory_mb": 1024, "cpu_s": 2.5, "planets": 9})
    assert lines == [("Processor time", "2.5 s"), ("Memory", "1,024 MB"), ("planets", "9")]


def test_every_limit_that_a_package_may_set_has_its_words() -> None:
    from curriculum.package import LIMIT_NAMES  # noqa: PLC0415

    assert set(LIMITS) == LIMIT_NAMES


def test_usage_near_its_limit_is_marked_and_never_overflows() -> None:
    assert milepost.usage("cpu_s", 10, 60)["near"] is False
    full = milepost.usage("memory_mb", 2048, 1024)
    assert (full["near"], full["percent"]) == (True, 100.0)
    assert milepost.usage("memory_mb", 5, None)["percent"] == 0


def test_columns_of_details_keep_their_order_and_know_their_numbers() -> None:
    rows = [{"kind": "cents", "missed": 3}, {"kind": "twice", "missed": 2031, "share": "9.9 %"}]
    columns = milepost.columns(rows)
    assert [(column.name, column.numeric) for column in columns] == [("kind", False), ("missed", True), ("share", True)]
    assert [milepost.cell(rows[1], column.name) for column in columns] == ["twice", "2,031", "9.9 %"]
    assert milepost.cell(rows[0], "share") == ""


def test_a_moment_shows_its_zone_and_machines_can_read_it() -> None:
    shown = milepost.moment(datetime(2026, 11, 20, 14, 3, tzinfo=UTC))
    assert shown == '<time datetime="2026-11-20T14:03:00+00:00">20 Nov 2026, 14:03 UTC</time>'
    assert milepost.moment(None) == ""


def test_a_clock_that_ran_backwards_shows_no_negative_time() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert milepost.seconds_after(now - timedelta(seconds=2), now) == "0.0"


def test_printed_text_loses_what_steers_a_terminal_and_keeps_its_lines() -> None:
    assert milepost.readable("a\x1b[31mred\x1b[0m\r\n\tb\x07\u202ec\u2066") == "ared\n\tbc"
    assert milepost.readable("naïve “5 €” 数 😀") == "naïve “5 €” 数 😀"


def test_the_first_sentence_ends_at_its_stop_and_not_at_a_decimal_point() -> None:
    said = "Cells are different now: device_age_days 9.3%. A repair that also hits healthy values destroys them."
    assert milepost.first_sentence(said) == "Cells are different now: device_age_days 9.3%."
    assert milepost.first_sentence("One in pipeline/ingest.py only") == "One in pipeline/ingest.py only"
