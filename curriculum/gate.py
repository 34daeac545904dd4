"""Which milestone is open: a pure question of what has passed, so that there is no unlock step to forget.

What is lent, that is, done by the reference for the time being, opens the way as what has passed does.
"""

from collections.abc import Collection, Sequence


def is_open(kinds: Sequence[str], passed: Collection[str], kind: str, lent: Collection[str] = ()) -> bool:
    """A milestone is open when every one before it has passed or is lent; the first one always is."""
    return opener(kinds, passed, kind, lent) is None


def opener(kinds: Sequence[str], passed: Collection[str], kind: str, lent: Collection[str] = ()) -> str | None:
    """The first milestone before this one that has not passed: passing it is what opens the way. None if open."""
    before = kinds[: kinds.index(kind)]
    return next((one for one in before if one not in passed and one not in lent), None)


def next_open(kinds: Sequence[str], passed: Collection[str], lent: Collection[str] = ()) -> str | None:
    """The milestone to work on now: what is lent comes after all else. None when all have passed."""
    missing = [kind for kind in kinds if kind not in passed]
    return next((kind for kind in missing if kind not in lent), missing[0] if missing else None)
