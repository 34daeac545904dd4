"""How often, and how often at most: an exact bound on a rate that was seen in a few tries. Pure arithmetic."""

from dataclasses import dataclass
from math import comb

CONFIDENCE = 0.95
STEPS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """`seen` of `tried`, and the rate that it is below with 95 % confidence."""

    seen: int
    tried: int

    @property
    def value(self) -> float:
        return self.seen / self.tried if self.tried else 0.0

    @property
    def at_most(self) -> float:
        return upper_bound(self.seen, self.tried)

    def __str__(self) -> str:
        return f"{self.seen} of {self.tried} (at most {self.at_most:.1%})"


def upper_bound(seen: int, tried: int) -> float:
    """The one-sided upper limit of Clopper and Pearson (1934): the p at which so few are seen in 5 % of all cases."""
    if seen >= tried:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(seen, tried, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def _at_most(seen: int, tried: int, p: float) -> float:
    """The chance of `seen` or fewer."""
    return sum(comb(tried, k) * p**k * (1 - p) ** (tried - k) for k in range(seen + 1))
