"""How text from strangers is made safe to show, and how numbers and lists are worded. Knows nothing of checks."""

import re
import unicodedata
from collections.abc import Iterable

_SPACES = re.compile(r"\s+")


def printable(value: object, length: int = 120) -> str:
    """The value as one line without control, format or surrogate characters, cut at `length` characters.

    Bidirectional overrides and zero-width characters are of the categories that go, so a name cannot pretend to be
    another one.
    """
    text = str(value)[: length * 4]
    flat = _SPACES.sub(" ", "".join(c if c.isspace() or _visible(c) else "�" for c in text)).strip()
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def _visible(character: str) -> bool:
    return unicodedata.category(character)[0] != "C"


def listed(values: Iterable[object], most: int = 5) -> str:
    """The first values in a row: "a, b, c and 4 more"."""
    shown = [printable(value, 60) for value in values]
    rest = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 row", "2,031 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
