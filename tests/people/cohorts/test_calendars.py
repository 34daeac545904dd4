"""Calendars are written as RFC 5545 has it: folded by octets, escaped, without characters that steer."""

from datetime import UTC, datetime

import pytest

from people.cohorts.calendars import Event, escape, fold, write_calendar

AT = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "short",
        "x" * 75,
        "x" * 76,
        "x" * 149,
        "x" * 150,
        "ä" * 80,
        "x" + "ä" * 80,
        "🙂" * 50,
        "SUMMARY:" + "語" * 99,
    ],
)
def test_lines_are_folded_at_75_octets_and_no_letter_is_torn(line: str) -> None:
    folded = fold(line)
    pieces = folded.split(b"\r\n")
    assert pieces.pop() == b""
    assert all(len(piece) <= 75 for piece in pieces)
    assert all(piece.decode() for piece in pieces[1:])
    assert folded.replace(b"\r\n ", b"").removesuffix(b"\r\n").decode() == line


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Due; now, or\nnever\\", "Due\\; now\\, or\\nnever\\\\"),
        ("two\r\nlines", "two\\nlines"),
        ("bell\x07 and \x1b[31m red\u202e", "bell and [31m red"),
        ("BEGIN:VEVENT\nEND:VCALENDAR", "BEGIN:VEVENT\\nEND:VCALENDAR"),
    ],
)
def test_texts_cannot_break_out(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_calendar_as_a_whole() -> None:
    event = Event("own-tiny-clean@example.org", AT, "Clean is due (Tiny)", "It closes; then.", "https://example.org/x/")
    assert write_calendar("Autumn, evenings", [event], AT).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Milepost//Dates//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Autumn\\, evenings",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "BEGIN:VEVENT",
        "UID:own-tiny-clean@example.org",
        "DTSTAMP:20261204T160000Z",
        "DTSTART:20261204T160000Z",
        "SUMMARY:Clean is due (Tiny)",
        "DESCRIPTION:It closes\\; then.",
        "URL:https://example.org/x/",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
