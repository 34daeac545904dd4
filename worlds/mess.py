"""A world being spoilt: streams and shares by name, and the log. It does not know what is spoilt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from worlds.defects.log import DefectLog
from worlds.world import World


@dataclass(frozen=True)
class Mess:
    """What is true, how much of it is to be broken (`declared`, with its `shares`), and what was."""

    world: World
    declared: Mapping[str, Any]
    log: DefectLog

    def rng(self, name: str) -> np.random.Generator:
        return self.world.seed.draw_stream(f"mess/{name}")

    def share(self, name: str) -> float:
        return float(self.declared["shares"][name])

    def some(self, name: str, among: np.ndarray) -> np.ndarray:
        """A random part of the rows in `among`, as large as the share of this name."""
        return np.asarray(among & (self.rng(name).random(len(among)) < self.share(name)))

    def within(self, name: str) -> int:
        """A whole number from the declared range [low, high) of this name."""
        low, high = self.declared[name]
        return int(self.rng(name).integers(low, high))
