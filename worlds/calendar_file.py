"""Writes all-day events as an iCalendar file (RFC 5545), long lines folded. It does not know what the days mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

MOST_OCTETS = 75
ONE_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """`first` to `last` day, both included; the file gives the day after the last, as the format wants it."""

    uid: str
    sequence: int
    status: str
    first: pd.Timestamp
    last: pd.Timestamp
    category: str
    location: str
    summary: str


def spans(days: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last day of each run of true days."""
    edges = np.diff(np.concatenate([[0], days.astype("int64"), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))


def write_calendar(path: Path, events: Iterable[Event], product: str) -> None:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{product}"]
    for event in events:
        lines += _lines(event)
    folded = [part for line in [*lines, "END:VCALENDAR"] for part in _fold(line)]
    path.write_bytes(("\r\n".join(folded) + "\r\n").encode())


def _lines(event: Event) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{event.status}",
        f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.last + ONE_DAY:%Y%m%d}",
        f"CATEGORIES:{event.category}",
        f"LOCATION:{event.location}",
        f"SUMMARY:{event.summary}",
        "END:VEVENT",
    ]


def _fold(line: str) -> list[str]:
    """A line of more than 75 octets goes on in the next, which begins with a space."""
    parts, room = [""], MOST_OCTETS
    for letter in line:
        if len((parts[-1] + letter).encode()) > room:
            parts.append(" ")
        parts[-1] += letter
    return parts
