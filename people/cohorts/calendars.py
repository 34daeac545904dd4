"""Writes a calendar as RFC 5545 has it: lines of at most 75 octets that end in CRLF, texts with their marks escaped."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

OCTETS: Final = 75
MARKS: Final = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""}


@dataclass(frozen=True, slots=True)
class Event:
    """One instant in a calendar; `uid` stays when the instant moves, so that no calendar keeps both."""

    uid: str
    at: datetime
    title: str
    text: str
    url: str


def write_calendar(name: str, events: Iterable[Event], changed_at: datetime) -> bytes:
    """The calendar of these events, as of the last change to any of them."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Milepost//Dates//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *(line for event in events for line in write_event(event, changed_at)),
        "END:VCALENDAR",
    ]
    return b"".join(fold(line) for line in lines)


def write_event(event: Event, changed_at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{write_instant(changed_at)}"
    # No end: the event is an instant, and takes no time out of anybody's day.
    yield f"DTSTART:{write_instant(event.at)}"
    yield f"SUMMARY:{escape(event.title)}"
    yield f"DESCRIPTION:{escape(event.text)}"
    yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def write_instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escape(text: str) -> str:
    """Without characters that steer, which no calendar may hold."""
    plain = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    return "".join(MARKS.get(letter, letter) for letter in plain)


def fold(line: str) -> bytes:
    """The line in pieces of at most 75 octets, each after the first begun with a space; no letter is torn apart."""
    pieces: list[bytes] = []
    left = line.encode()
    while len(left) > OCTETS - bool(pieces):
        end = OCTETS - bool(pieces)
        while left[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(left[:end])
        left = left[end:]
    return b"\r\n ".join([*pieces, left]) + b"\r\n"
