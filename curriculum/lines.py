"""The one value that every comparison of two texts is shown by, and how two texts come to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ADDED, REMOVED, KEPT, GAP = "added", "removed", "kept", "gap"
AROUND = 3
# Comparing takes time that grows with the square.
MOST_LINES = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its kind, its text or coloured code, and its number on either side.

    A gap stands for lines that were left out; its text may say where the next ones lie.
    """

    kind: str
    text: str = ""
    before: int | None = None
    after: int | None = None


def compare_lines(
    old: Sequence[str], new: Sequence[str], shown_old: Sequence[str] = (), shown_new: Sequence[str] = ()
) -> Iterator[Line]:
    """The lines that differ, with a few around them, each told as it is to be shown."""
    shown_old, shown_new = shown_old or old, shown_new or new
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number:
            yield Line(GAP)
        for verb, old_from, old_to, new_from, new_to in group:
            if verb == "equal":
                pairs = zip(range(old_from, old_to), range(new_from, new_to), strict=True)
                yield from (Line(KEPT, shown_new[here], there + 1, here + 1) for there, here in pairs)
                continue
            yield from (Line(REMOVED, shown_old[at], before=at + 1) for at in range(old_from, old_to))
            yield from (Line(ADDED, shown_new[at], after=at + 1) for at in range(new_from, new_to))
