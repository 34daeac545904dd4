"""What operators look at, as plain values: each is said once, for the page, for scripts, for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from people.operators.models import DeadLetter, WorkerReport

DOWN, WARNING = "down", "warning"


@dataclass(frozen=True, slots=True)
class Queue:
    """One class of work: how much of it waits and for how long the oldest has, what is done, what was left behind."""

    name: str
    waiting: int = 0
    running: int = 0
    expired: int = 0
    again: int = 0
    oldest_at: datetime | None = None

    def age(self, now: datetime) -> float:
        return max(0.0, (now - self.oldest_at).total_seconds()) if self.oldest_at else 0.0


@dataclass(frozen=True, slots=True)
class Doing:
    """One run or rehearsal that somebody works on, or did: its lease says until when that is believed."""

    queue: str
    pk: int
    about: str
    started_at: datetime | None
    lease_until: datetime
    beat_at: datetime
    tries: int
    step: str
    worker: str

    def is_left(self, now: datetime) -> bool:
        return self.lease_until < now


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits of one cohort's learners."""

    slug: str
    title: str
    waiting: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class VoidRun:
    """A run that came to nothing by a fault of ours."""

    pk: int
    about: str
    finished_at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class VoidCause:
    """Runs that are void for the same cause, the newest first."""

    cause: str
    runs: Sequence[VoidRun]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that an operator should know: how bad it is, a word for programs, and sentences for people."""

    severity: str
    code: str
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Vitals:
    """The little that says whether all is well; cheap enough to be asked every few seconds."""

    now: datetime
    queues: Sequence[Queue]
    workers: Sequence[WorkerReport]
    beat_at: datetime | None
    letters: int
    voids: int
    given_up: int

    def silent(self, worker: WorkerReport, patience: timedelta) -> bool:
        return not worker.stopped_at and worker.seen_at < self.now - patience


@dataclass(frozen=True, slots=True)
class Sight:
    """All of it."""

    vitals: Vitals
    doing: Sequence[Doing]
    cohorts: Sequence[Waiting]
    voids: Sequence[VoidCause]
    letters: Sequence[DeadLetter]
    troubles: Sequence[Trouble]
    sentence: str
