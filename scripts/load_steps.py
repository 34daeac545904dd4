"""What was measured under load: each step by its learners, in the tables that docs/operating.md shows."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scripts.queueing import percentile

BENT_MS = 1000
SHARES = (0.5, 0.95, 0.99)
# In this order in the tables; all that is not named here is a page.
NOT_PAGES = ("hand in", "stream", "first live line", "verdict, from handing in")


@dataclass
class Step:
    """What was measured with so many learners: milliseconds by name, CPU by part as shares of one core."""

    learners: int
    seconds: float
    taken: dict[str, dict[int, int]] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    host: float = 0
    locks: list[float] = field(default_factory=list)
    load: float = 0

    @property
    def pages(self) -> dict[int, int]:
        return _add(counted for name, counted in self.taken.items() if name not in NOT_PAGES)

    @property
    def a_second(self) -> float:
        asked = [counted for name, counted in self.taken.items() if name not in NOT_PAGES[2:]]
        return sum(sum(counted.values()) for counted in asked) / self.seconds

    @property
    def has_bent(self) -> bool:
        return quantile(self.pages, 0.95) > BENT_MS

    def blame(self, lock: str) -> str:
        """What was busiest, and by how much, and what the lock that all who write need said."""
        name, share = max(self.cpu.items(), key=lambda part: part[1])
        waited = ", ".join(f"{percentile(self.locks, part):.0f}" for part in SHARES)
        return (
            f"With {self.learners} learners {name} used {share:.0%} of a core, and all cores together were busy "
            f"{self.host:.0%} of the time. {lock}: {waited} (p50, p95, p99)."
        )


def _add(tables: Iterable[Mapping[int, int]]) -> dict[int, int]:
    total: dict[int, int] = {}
    for table in tables:
        for taken, often in table.items():
            total[taken] = total.get(taken, 0) + often
    return total


def quantile(counted: Mapping[int, int], share: float) -> float:
    """Of times that are counted by how often they were taken."""
    wanted, seen = math.ceil(share * sum(counted.values())), 0
    for taken in sorted(counted):
        seen += counted[taken]
        if seen >= wanted:
            return taken
    return 0.0


def tell_steps(steps: Sequence[Step]) -> Iterator[str]:
    """One line for each step."""
    yield (
        "| learners | requests a second | pages p50 | p95 | p99 | hand in p50 | p95 | p99 | first line p50 | p95 | p99 "
        "| failed | CPU, in cores | host | load |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    for step in steps:
        tables = (step.pages, step.taken.get("hand in", {}), step.taken.get("first live line", {}))
        figures = " | ".join(_figures(table) for table in tables)
        cpu = ", ".join(f"{name} {share:.2f}" for name, share in step.cpu.items())
        used = f"{sum(step.failures.values())} | {cpu} | {step.host:.0%} | {step.load:.1f}"
        yield f"| {step.learners} | {step.a_second:.1f} | {figures} | {used} |"


def tell_names(step: Step) -> Iterator[str]:
    """One line for each page of one step."""
    yield f"| with {step.learners} learners, ms | p50 | p95 | p99 | how many |"
    yield "|---|---|---|---|---|"
    for name in sorted(step.taken, key=lambda name: (name in NOT_PAGES, name)):
        if often := sum(step.taken[name].values()):
            yield f"| {name} | {_figures(step.taken[name])} | {often} |"


def _figures(counted: Mapping[int, int]) -> str:
    return " | ".join(f"{quantile(counted, share):.0f}" for share in SHARES) if counted else "– | – | –"
