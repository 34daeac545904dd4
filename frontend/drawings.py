"""Draws many learners in few shapes: an SVG with one path for each state, whatever their number.

Each state has a shape of its own, so that colour never has to tell; rows are folded into blocks side by side.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from frontend.words import ANSWERS, MILESTONE_STATES, Mark

PITCH: Final = 10  # from one cell to the next; a cell is 9 wide
GAP: Final = 12  # between two blocks
WIDE: Final = 1.9  # how much wider than high the drawing should come out
LARGEST: Final = 1.7  # pixels for one unit, at most


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn from a cell's upper left corner, filled or as a line; and the letter that a script knows it by."""

    path: str
    letter: str
    is_line: bool = False


SHAPES: Final = {
    "failed": Shape("m4.5 0 4.5 9h-9z", "f"),
    "broken": Shape("m1 1 7 7m0-7-7 7", "b", is_line=True),
    "regressed": Shape("h9l-4.5 9z", "r"),
    "void": Shape("m4.5 1 3.5 3.5-3.5 3.5-3.5-3.5z", "v", is_line=True),
    "queued": Shape("m4.5 0 4.5 4.5-4.5 4.5-4.5-4.5z", "q"),
    "running": Shape("m4.5 0 4.5 4.5-4.5 4.5-4.5-4.5z", "j"),
    "lent": Shape("m0 5h9v4h-9z", "t"),
    "open": Shape("m1 1h7v7h-7z", "o", is_line=True),
    "passed": Shape("h9v9h-9z", "p"),
    "locked": Shape("m3.5 3.5h2v2h-2z", "l"),
    "unenrolled": Shape("m0 4h9v1h-9z", "u"),
}
UNENROLLED: Final = Mark(_("Not enrolled yet"), "unasked")
UNJUDGED: Final = Mark(_("Not judged yet"), "unasked")
# How the answers to a check are drawn, and what they are called.
ANSWER_SHAPES: Final = {
    "failed": ("failed", ANSWERS["failed"]),
    "broken": ("broken", MILESTONE_STATES["broken"]),
    "held": ("passed", ANSWERS["held"]),
    "not asked": ("locked", ANSWERS["not asked"]),
    "unjudged": ("open", UNJUDGED),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the key: a shape, what it means, how often it is there, and where to see only those."""

    state: str
    word: str | Promise
    shape: Shape
    count: int
    value: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """`rows` are for a script that says what lies under the pointer: username, name, a letter for each cell."""

    width: int
    height: int
    columns: int
    rows_in_block: int
    paths: Sequence[tuple[str, bool, str]]
    rows: Sequence[tuple[str, str, str]]

    @property
    def pixels(self) -> int:
        return round(self.width * LARGEST)


def draw(people: Sequence[tuple[str, str]], states: Sequence[Sequence[str]], columns: int) -> Drawing:
    """Each person, username and name, by each of so many columns, in this order: down first, then the next block."""
    block = columns * PITCH + GAP
    blocks = max(1, min(len(states), round(sqrt(WIDE * len(states) * PITCH / block))))
    rows = max(1, ceil(len(states) / blocks))
    cells: dict[str, list[str]] = defaultdict(list)
    for number, row in enumerate(states):
        x, y = number // rows * block, number % rows * PITCH
        for place, state in enumerate(row):
            cells[state].append(f"M{x + place * PITCH} {y}{SHAPES[state].path}")
    width = ceil(len(states) / rows) * block - GAP if states else block
    paths = [(state, SHAPES[state].is_line, "".join(cells[state])) for state in SHAPES if state in cells]
    letters = ["".join(SHAPES[state].letter for state in row) for row in states]
    told = [(*person, row) for person, row in zip(people, letters, strict=True)]
    return Drawing(width, rows * PITCH, columns, rows, paths, told)


def list_keys(states: Sequence[Sequence[str]]) -> list[Key]:
    """What is there of a map of milestones."""
    counts = Counter(state for row in states for state in row)
    words = {**MILESTONE_STATES, "unenrolled": UNENROLLED}
    return [Key(state, words[state].word, SHAPES[state], counts[state], state) for state in SHAPES if counts[state]]


def list_answer_keys(answers: Sequence[Sequence[str]]) -> list[Key]:
    """What is there of a map of checks."""
    counts = Counter(answer for row in answers for answer in row)
    return [
        Key(state, mark.word, SHAPES[state], counts[answer], answer)
        for answer, (state, mark) in ANSWER_SHAPES.items()
        if counts[answer]
    ]
