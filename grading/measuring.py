"""What this process has counted and timed since somebody last took it: plain numbers. Knows not who takes them."""

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)
EDGES = (*map(str, BOUNDS), "+Inf")

Series = tuple[str, tuple[tuple[str, str], ...]]
Follower = Callable[[str], AbstractContextManager[object]]

# Whoever wants to stand around each step of this process, such as a tracer.
followers: list[Follower] = []


class Counts:
    """Numbers by name and labels; to take them is to begin again from nothing."""

    def __init__(self) -> None:
        self.begin()
        # A forked child has counted nothing yet, and must not wait for a lock that its parent held.
        os.register_at_fork(after_in_child=self.begin)

    def begin(self) -> None:
        self.lock = threading.Lock()
        self.numbers: dict[Series, float] = {}

    def add(self, name: str, amount: float, labels: dict[str, str]) -> None:
        series = name, tuple(sorted(labels.items()))
        with self.lock:
            self.numbers[series] = self.numbers.get(series, 0.0) + amount

    def take(self) -> dict[Series, float]:
        with self.lock:
            taken, self.numbers = self.numbers, {}
        return taken


counts = Counts()


def count(name: str, amount: float = 1.0, **labels: str) -> None:
    counts.add(name, amount, labels)


def observe(name: str, seconds: float, **labels: str) -> None:
    """One duration: into the bucket that it falls in, and onto the sum."""
    counts.add(f"{name}_bucket", 1.0, {**labels, "le": EDGES[bisect_left(BOUNDS, seconds)]})
    counts.add(f"{name}_sum", seconds, labels)


@contextmanager
def step(name: str) -> Iterator[None]:
    """One step of the line, timed however it ends. Decorates functions as well."""
    with ExitStack() as around:
        for follower in followers:
            around.enter_context(follower(name))
        begun = time.monotonic()
        try:
            yield
        finally:
            observe("step_duration_seconds", time.monotonic() - begun, step=name)
