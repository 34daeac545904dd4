"""What a change made better and worse: one judging of a milestone beside the one before it. Knows no database."""

from collections.abc import Sequence
from dataclasses import dataclass

from people.learners.models import CheckAnswer, Judgement
from people.learners.retelling import retell

HELD, NOT_ASKED = "held", "not asked"
USED = ("cpu_s", "wall_s", "memory_mb")
# A busy machine alone moves times by so much: less is no news.
NOISE_SHARE = 0.1
NOISE = {"cpu_s": 0.2, "wall_s": 0.5, "memory_mb": 5.0}


@dataclass(frozen=True, slots=True)
class Number:
    """What a check measured, then and now, against its mark; `better` is None where nobody can tell."""

    question: str
    before: float
    now: float
    mark: float | None
    better: bool | None


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a resource, then and now."""

    name: str
    before: float
    now: float


@dataclass(frozen=True, slots=True)
class Changes:
    """`number` is the submission that this is compared with; `other_data` says that it was judged on another draw,
    `other_edition` that it was by another edition, and `compared` how many checks both were asked."""

    number: int
    submission: int
    other_data: bool
    other_edition: bool
    compared: int
    better: Sequence[str]
    worse: Sequence[str]
    numbers: Sequence[Number]
    used: Sequence[Used]

    @property
    def nothing(self) -> bool:
        return not (self.better or self.worse or self.numbers)


def compare(now: Judgement, before: Judgement) -> Changes:
    """What is different. Checks are matched by name; one that only one of them has is no news."""
    then = {answer.name: answer for answer in before.answers.all()}
    pairs = [(then[answer.name], answer) for answer in now.answers.all() if answer.name in then]
    submission = before.run.submission
    return Changes(
        number=submission.number,
        submission=submission.pk,
        other_data=now.run.draw != before.run.draw,
        other_edition=now.run.edition_id != before.run.edition_id,
        compared=sum(NOT_ASKED not in (old.answer, new.answer) for old, new in pairs),
        better=[retell(new.question) for old, new in pairs if new.answer == HELD != old.answer],
        worse=[retell(new.question) for old, new in pairs if old.answer == HELD != new.answer],
        numbers=[number for old, new in pairs if (number := _compare_number(old, new))],
        used=[used for name in USED if (used := _compare_used(name, now, before))],
    )


def _compare_number(old: CheckAnswer, new: CheckAnswer) -> Number | None:
    if old.measured is None or new.measured is None or old.measured == new.measured:
        return None
    more_is_better = _wants_more(new) if _wants_more(new) is not None else _wants_more(old)
    better = None if more_is_better is None else (new.measured > old.measured) == more_is_better
    return Number(new.question, old.measured, new.measured, new.mark, better)


def _wants_more(answer: CheckAnswer) -> bool | None:
    """On which side of its mark a number holds: what held lies on the good side, and what did not on the other."""
    if answer.measured is None or answer.mark is None or answer.measured == answer.mark:
        return None
    return (answer.measured > answer.mark) == (answer.answer == HELD)


def _compare_used(name: str, now: Judgement, before: Judgement) -> Used | None:
    new, old = getattr(now, name), getattr(before, name)
    moved = abs(new - old)
    return Used(name, old, new) if moved > NOISE[name] and moved > NOISE_SHARE * old else None
