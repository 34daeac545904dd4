"""Which milestone is open: a pure question of what has passed, so that there is no unlock step to forget."""

from collections.abc import Collection, Sequence


def is_open(kinds: Sequence[str], passed: Collection[str], kind: str) -> bool:
    """A milestone is open when every one before it has passed; the first one always is."""
    return all(before in passed for before in kinds[: kinds.index(kind)])


def opener(kinds: Sequence[str], passed: Collection[str], kind: str) -> str | None:
    """The first milestone before this one that has not passed: passing it is what opens the way. None if open."""
    return next((before for before in kinds[: kinds.index(kind)] if before not in passed), None)


def next_open(kinds: Sequence[str], passed: Collection[str]) -> str | None:
    """The milestone to work on now; None when all have passed."""
    return next((kind for kind in kinds if kind not in passed), None)
