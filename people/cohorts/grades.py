"""What work is worth: pure arithmetic over what was judged, asked of no database.

A submission's *machine* score is the points of the checks that held, of all the points that its own milestone has: a
check that was not asked, because a gate before it did not hold, counts as one that did not hold. What never came to its
own milestone, since one before it failed or the code did not run, has no points. The *adjusted* score is what lateness
leaves of it.

Of everything handed in for a milestone, what is worth most after lateness counts: to try again, or to pass late, never
costs what was there before. Of equals a pass counts, then what came first. Where all checks are required, as in every
project so far, only a pass is worth 100 per cent. What was void or superseded, and every shadow, was never judged.

A leader's word stands beside the machine's score and takes its place: a check that holds by it gives its points, a
verdict that passes by it is worth everything, and one that does not is worth nothing, nor is what was before it.
Lateness takes its part of a word as well; to change that, a leader gives an extension.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from grading.verdict import Outcome
from people.cohorts.lateness import Dates, Lateness, Policy, Void, count_as_of, judge_lateness

PLACES = 2
WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One submission as its newest run judged it: the points that its own milestone gave, of all that it has.

    word: what a leader lets its verdict count as. moved: the points that came or went by words on its checks.
    """

    submission_id: int
    number: int
    handed_in_at: datetime
    outcome: str
    held: int = 0
    points: int = 0
    word: str = ""
    moved: int | None = None

    @property
    def machine(self) -> float:
        if not self.points:
            return WHOLE if self.outcome == Outcome.PASSED else 0.0
        return round(WHOLE * self.held / self.points, PLACES)

    @property
    def override(self) -> float | None:
        """What a leader's word makes of it: on the verdict, or else on checks."""
        if self.word:
            return WHOLE if self.word == Outcome.PASSED else 0.0
        if self.moved is None or not self.points:
            return None
        return round(WHOLE * (self.held + self.moved) / self.points, PLACES)

    @property
    def counted(self) -> str:
        """What it counts as: by the word on its verdict, or else by the machine."""
        return self.word or self.outcome


@dataclass(frozen=True, slots=True)
class Work:
    """All that one learner handed in for one milestone: what was judged, and what we voided."""

    judged: list[Judged] = field(default_factory=list)
    voids: list[Void] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grade:
    """What one milestone is worth to one learner, and the submission that says so."""

    judged: Judged
    lateness: Lateness

    @property
    def machine(self) -> float:
        return self.judged.machine

    @property
    def adjusted(self) -> float:
        return round(self.machine * self.lateness.kept_percent / 100, PLACES)

    @property
    def override(self) -> float | None:
        return self.judged.override

    @property
    def counts(self) -> float:
        """What it is worth in the end: a leader's word, or else the machine's, after lateness."""
        score = self.machine if self.override is None else self.override
        return round(score * self.lateness.kept_percent / 100, PLACES)

    @property
    def passed(self) -> bool:
        return self.judged.counted == Outcome.PASSED


def grade(work: Work, dates: Dates, policy: Policy) -> Grade | None:
    """The milestone's grade by these dates; None where nothing was judged."""
    grades = [Grade(one, _judge_time(one, work.voids, dates, policy)) for one in _hear(work.judged)]
    return max(grades, key=_rank, default=None)


def _rank(grade: Grade) -> tuple[float, bool, bool, int]:
    return grade.counts, grade.override is not None, grade.passed, -grade.judged.number


def _hear(several: Sequence[Judged]) -> list[Judged]:
    """A word by which a verdict does not pass speaks for what was handed in before as well."""
    last = max((one.number for one in several if one.word == Outcome.FAILED), default=0)
    return [replace(one, word=Outcome.FAILED) if one.number <= last else one for one in several]


def _judge_time(judged: Judged, voids: Sequence[Void], dates: Dates, policy: Policy) -> Lateness:
    return judge_lateness(count_as_of(judged.handed_in_at, voids), dates, policy)


def weigh(scores: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """The weighted mean over all milestones; one without a score is worth nothing. None where no milestone counts."""
    whole = sum(weights.values())
    if not whole:
        return None
    return round(sum(scores.get(place, 0.0) * weight for place, weight in weights.items()) / whole, PLACES)
