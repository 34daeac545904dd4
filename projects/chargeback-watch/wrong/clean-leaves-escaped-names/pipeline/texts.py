"""Repairs texts that were typed by hand, encoded twice or escaped for a web page."""

from collections.abc import Sequence
from difflib import get_close_matches


def closest(typed: str, known: Sequence[str]) -> str:
    """The known word that was meant; the word itself when none is near, so that nothing is guessed."""
    plain = typed.strip().lower()
    return next(iter(get_close_matches(plain, known, n=1, cutoff=0.75)), plain)


def undo_double_encoding(text: str) -> str:
    """UTF-8 bytes that were read as Windows-1252 become letters again; a right text is no UTF-8 and stays."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def readable(text: str) -> str:
    """A name as its bearer writes it."""
    return undo_double_encoding(text)
