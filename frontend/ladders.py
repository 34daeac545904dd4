"""Draws the levels of several skills as one picture: five rungs for each, by shape and not by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

STEPS: Final = 5
LABELS, RUNG, GAP, ROW = 176, 27, 6, 34  # in units of the drawing, which is a pixel at its full width
HELD, SUSPENDED, MISSING = "held", "suspended", "missing"


@dataclass(frozen=True, slots=True)
class Rung:
    x: int
    state: str


@dataclass(frozen=True, slots=True)
class Row:
    """One skill: its name, its level, the level that it had before a regression, and where it is drawn."""

    name: str
    level: int
    was: int
    y: int
    rungs: tuple[Rung, ...]

    @property
    def suspended(self) -> bool:
        return self.level < self.was


@dataclass(frozen=True, slots=True)
class Ladder:
    rows: tuple[Row, ...]
    steps: Sequence[tuple[int, int]]
    width: int
    height: int
    rung: int = RUNG

    @property
    def has_suspended(self) -> bool:
        return any(row.suspended for row in self.rows)


def draw_ladder(skills: Sequence[tuple[str, int, int]]) -> Ladder:
    """The picture of these: name, level, and the level that regressed evidence would make it."""
    places = [LABELS + step * (RUNG + GAP) for step in range(STEPS)]
    rows = [
        Row(name, level, was, (number + 1) * ROW, _draw_rungs(places, level, was))
        for number, (name, level, was) in enumerate(skills)
    ]
    steps = [(step + 1, place + RUNG // 2) for step, place in enumerate(places)]
    return Ladder(tuple(rows), steps, places[-1] + RUNG + 2, (len(rows) + 1) * ROW)


def _draw_rungs(places: Sequence[int], level: int, was: int) -> tuple[Rung, ...]:
    def state_of(step: int) -> str:
        return HELD if step <= level else SUSPENDED if step <= was else MISSING

    return tuple(Rung(place, state_of(step)) for step, place in enumerate(places, 1))
