"""How many attempts are left: a budget that refills with time, worked out from what was handed in and never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings

FREE = frozenset({"void", "superseded"})
WRONG = frozenset({"failed", "broken"})


@dataclass(frozen=True, slots=True)
class Budget:
    """So many attempts at most, and how long it takes until one comes back."""

    size: int
    refill: timedelta


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is left of a budget, and when one more comes back; None if none is missing."""

    left: int
    size: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Try:
    """One submission: what was handed in, when, and how its newest run ended, if it has."""

    tree: str
    at: datetime
    outcome: str


def read_budget() -> Budget | None:
    """What the operator has set; None where attempts are not counted."""
    budget = Budget(settings.MILEPOST_ATTEMPTS, timedelta(minutes=settings.MILEPOST_ATTEMPT_MINUTES))
    return budget if budget.size and budget.refill else None


def count_attempts(tries: Iterable[Try], budget: Budget, now: datetime) -> Attempts:
    """What these tries, oldest first, have left of a budget that was full before them."""
    full_at = datetime.min.replace(tzinfo=now.tzinfo)
    for one in find_different(tries):
        full_at = max(full_at, one.at) + budget.refill
    owed = ceil((full_at - now) / budget.refill) if full_at > now else 0
    next_at = full_at - (min(owed, budget.size) - 1) * budget.refill if owed else None
    return Attempts(max(0, budget.size - owed), budget.size, next_at)


def count_wrong(tries: Iterable[Try]) -> int:
    """How many different trees were judged, and did not pass."""
    return sum(one.outcome in WRONG for one in find_different(tries))


def find_different(tries: Iterable[Try]) -> list[Try]:
    """The tries that cost something: neither our fault nor superseded, and the first with its files."""
    first: dict[str, Try] = {}
    for one in tries:
        if one.outcome not in FREE:
            first.setdefault(one.tree, one)
    return list(first.values())
