"""Random streams, one per named node, so that a new node never moves an old one. It does not know what is drawn."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np


@dataclass(frozen=True)
class Seed:
    """The numbers a world is made from.

    `mechanism` is drawn once per enrolment: which causes act, with which sign, what is broken.
    `draw` is new for every world of that enrolment: rows, dates, noise, the places of defects.
    `seat` counts the learners of one project; it sets the mechanism's switches, so that neighbours' differ.
    """

    mechanism: int
    draw: int
    seat: int | None = None

    def __post_init__(self) -> None:
        for name, number in (("mechanism", self.mechanism), ("draw", self.draw), ("seat", self.seat or 0)):
            if number < 0:
                raise ValueError(f"seed.{name} is {number}; use a whole number from 0 upwards.")

    def mechanism_stream(self, name: str) -> np.random.Generator:
        return _stream(self.mechanism, f"mechanism/{name}")

    def draw_stream(self, name: str) -> np.random.Generator:
        return _stream(self.draw, f"draw/{name}")


def _stream(number: int, path: str) -> np.random.Generator:
    digest = sha256(path.encode()).digest()[:16]
    return np.random.default_rng(np.random.SeedSequence([number, int.from_bytes(digest, "big")]))
