"""Reads an iCalendar file (RFC 5545) into its events, as they stand there."""

from pathlib import Path

FIELDS = ("UID", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "CATEGORIES", "LOCATION", "SUMMARY")


def load_events(path: Path) -> list[tuple[str, ...]]:
    """FIELDS of every event, cancelled and outdated ones too."""
    events: list[tuple[str, ...]] = []
    event: dict[str, str] = {}
    for line in unfold(path.read_text(encoding="utf-8")):
        name, _, value = line.partition(":")
        name = name.partition(";")[0]
        if (name, value) == ("BEGIN", "VEVENT"):
            event = {}
        elif (name, value) == ("END", "VEVENT"):
            events.append(tuple(event[field] for field in FIELDS))
        else:
            event[name] = value
    return events


def unfold(text: str) -> list[str]:
    """A line that begins with a space belongs to the one before it."""
    return text.replace("\r\n", "\n").replace("\n ", "").split("\n")
