"""Who uses a worker's CPU: learners' code, the checks, or all else. The share of the first is the efficiency."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grading.sandboxes.base import Command, Exit, Sandbox, Served
from scripts.benchmarks import read_cpu_s


@dataclass
class Shares:
    """CPU seconds: of learners' programs, of the examiner's, and of the process that judges with all its jails."""

    theirs: float = 0
    checks: float = 0
    all: float = 0

    def __sub__(self, before: "Shares") -> "Shares":
        return Shares(self.theirs - before.theirs, self.checks - before.checks, self.all - before.all)

    def __add__(self, other: "Shares") -> "Shares":
        return Shares(self.theirs + other.theirs, self.checks + other.checks, self.all + other.all)

    def __str__(self) -> str:
        rest = self.all - self.theirs - self.checks
        told = f"learners' code {self.theirs:.1f} s, checks {self.checks:.1f} s, all else {rest:.1f} s"
        share, both = (part / (self.all or 1) for part in (self.theirs, self.theirs + self.checks))
        return f"efficiency {share:.2f}, with the checks {both:.2f} ({told})"


@dataclass
class Counted:
    """A Sandbox that adds up what is run in another one. `python` is the examiner's; every other is a learner's."""

    jail: Sandbox
    python: Path
    used: Shares = field(default_factory=Shares)

    @property
    def layers(self) -> tuple[str, ...]:
        return self.jail.layers

    def run(self, command: Command) -> Exit:
        ended = self.jail.run(command)
        self._count(command, ended)
        return ended

    @contextmanager
    def serve(self, command: Command, target: str) -> Iterator[Served]:
        with self.jail.serve(command, target) as served:
            yield served
        self._count(command, served.exit)

    def read(self) -> Shares:
        """Until now, of this process and of all jails that `lay_ground` has made for it."""
        return Shares(self.used.theirs, self.used.checks, read_cpu_s())

    def _count(self, command: Command, ended: Exit) -> None:
        if command.environment.python == self.python:
            self.used.checks += ended.cpu_s
        else:
            self.used.theirs += ended.cpu_s
