"""What a check is, how it says no, and how a list of checks is asked. Knows no project and no file format."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Literal, Protocol

from grading.kit.plots import plain_plot
from grading.kit.printing import printable
from grading.kit.produced import Produced
from grading.kit.truth import Truth

SENTENCE_LENGTH = 2000
ROWS_SHOWN = 20
COLUMNS_SHOWN = 8
CELL_LENGTH = 200

Detail = dict[str, str | int | float | bool | None]
Said = Literal["held", "failed", "not asked"]


@dataclass(frozen=True, slots=True)
class Measured:
    """The number that a check compared with its mark. borderline: a "no" that another draw might turn into a "yes"."""

    value: float
    mark: float
    borderline: bool = False


class DoesNotHold(Exception):
    """What a check raises when the answer is no; everything in it is cut to size and stripped of control characters.

    sentence: what was seen, why it hurts, where to look. expected, found: short texts. details: a small table, at
    most 20 rows of plain values. plot: a small Vega-Lite specification. measured: the number that missed its mark.
    Raises ValueError when the plot is not one that a page may show.
    """

    def __init__(
        self,
        sentence: str,
        *,
        expected: object = None,
        found: object = None,
        details: Sequence[Mapping[str, object]] | None = None,
        plot: Mapping[str, object] | None = None,
        measured: "Measured | None" = None,
    ) -> None:
        self.sentence = printable(sentence, SENTENCE_LENGTH)
        self.expected = "" if expected is None else printable(expected, CELL_LENGTH)
        self.found = "" if found is None else printable(found, CELL_LENGTH)
        self.details = [_plain_row(row) for row in (details or [])[:ROWS_SHOWN]]
        self.plot = None if plot is None else plain_plot(plot)
        self.measured = measured
        super().__init__(self.sentence)


class AuthorFault(Exception):
    """A check raised something other than DoesNotHold: the package is wrong, not the learner.

    check: its name. trace: the traceback as text, for the author only.
    """

    def __init__(self, check: str, trace: str) -> None:
        self.check = check
        self.trace = trace
        super().__init__(f"{check} raised instead of answering:\n{trace}")


class Question(Protocol):
    """The function that a check author writes."""

    __name__: str
    __module__: str
    __doc__: str | None

    def __call__(self, produced: Produced, truth: Truth) -> Measured | None: ...


@dataclass(frozen=True, slots=True)
class Check:
    """One named question. `question` is the docstring's first paragraph: it stands under "What is checked".

    The other fields are what `check` was given. Called, it returns None or what was measured, or raises DoesNotHold.
    """

    name: str
    question: str
    ask: Question
    skills: tuple[str, ...]
    level: int
    points: int
    required: bool
    gate: bool

    def __call__(self, produced: Produced, truth: Truth) -> Measured | None:
        return self.ask(produced, truth)


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What one check said: held, failed, or not asked because a gate before it failed.

    sentence, expected, found, details and plot are DoesNotHold's, empty where the check held. measured, mark and
    borderline are set where it compared a number with a mark, held or not.
    """

    name: str
    question: str
    answer: Said
    skills: tuple[str, ...]
    level: int
    points: int
    required: bool
    sentence: str = ""
    expected: str = ""
    found: str = ""
    details: tuple[Detail, ...] = ()
    plot: dict[str, Any] | None = None
    measured: float | None = None
    mark: float | None = None
    borderline: bool = False


def check(
    *,
    skills: Sequence[str],
    level: int = 1,
    points: int = 1,
    required: bool = True,
    gate: bool = False,
) -> Callable[[Question], Check]:
    """Make a check of a function `(produced, truth)` that calls `expect`, or returns what `at_least` measured.

    skills: slugs of the skills that it shows. level: 1 to 5, how hard that is. points: its weight. required: a
    milestone passes only if every required check holds. gate: when it fails, the checks after it are not asked.
    Raises ValueError when the function has no docstring, no skill, or a level outside 1..5.
    """
    if isinstance(skills, str) or not skills:
        raise ValueError("skills: give a list of at least one skill slug")
    if not 1 <= level <= 5 or points < 0:
        raise ValueError("level is 1 to 5, points are 0 or more")

    def make(ask: Question) -> Check:
        question = " ".join((ask.__doc__ or "").strip().split("\n\n")[0].split())
        if not question:
            raise ValueError(f"{ask.__name__} needs a docstring: the sentence that a learner reads")
        return Check(ask.__name__, question, ask, tuple(skills), level, points, required, gate)

    return make


def expect(
    condition: object,
    sentence: str,
    *,
    expected: object = None,
    found: object = None,
    details: Sequence[Mapping[str, object]] | None = None,
    plot: Mapping[str, object] | None = None,
) -> None:
    """Raise DoesNotHold with this sentence unless the condition (a bool, also numpy's) is true.

    The sentence says what was seen, why it hurts the business and where to look; never the fix in code, never a
    hidden value. details: rows of a small table, e.g. [{"kind": "cents", "missed": "2,031 of 2,031"}].
    plot: a small Vega-Lite specification of aggregates; grading.kit.plots makes the usual ones.
    """
    if not bool(condition):
        raise DoesNotHold(sentence, expected=expected, found=found, details=details, plot=plot)


def collect_checks(module: ModuleType) -> list[Check]:
    """Every check defined in the module, in file order; what it only imported is left out."""
    return [
        value for value in vars(module).values() if isinstance(value, Check) and value.ask.__module__ == module.__name__
    ]


def run_checks(module: ModuleType, produced: Produced, truth: Truth) -> list[CheckAnswer]:
    """Ask the module's checks in file order and return one answer for each. Raises AuthorFault."""
    answers: list[CheckAnswer] = []
    closed_by = ""
    for one in collect_checks(module):
        answer = _not_asked(one, closed_by) if closed_by else _ask(one, produced, truth)
        answers.append(answer)
        if one.gate and answer.answer == "failed":
            closed_by = one.question
    return answers


def _ask(one: Check, produced: Produced, truth: Truth) -> CheckAnswer:
    try:
        measured = one(produced, truth)
    except DoesNotHold as no:
        return _measure(_refuse(one, no), no.measured)
    except Exception as fault:
        raise AuthorFault(one.name, traceback.format_exc()) from fault
    return _measure(_blank(one, "held"), measured)


def _refuse(one: Check, no: DoesNotHold) -> CheckAnswer:
    return replace(
        _blank(one, "failed"),
        sentence=no.sentence,
        expected=no.expected,
        found=no.found,
        details=tuple(no.details),
        plot=no.plot,
    )


def _measure(answer: CheckAnswer, measured: Measured | None) -> CheckAnswer:
    if measured is None:
        return answer
    return replace(answer, measured=measured.value, mark=measured.mark, borderline=measured.borderline)


def _not_asked(one: Check, gate: str) -> CheckAnswer:
    return replace(_blank(one, "not asked"), sentence=f"Not asked until this holds: {gate}")


def _blank(one: Check, said: Said) -> CheckAnswer:
    return CheckAnswer(one.name, one.question, said, one.skills, one.level, one.points, one.required)


def _plain_row(row: Mapping[str, object]) -> Detail:
    return {printable(name, 60): _plain(value) for name, value in list(row.items())[:COLUMNS_SHOWN]}


def _plain(value: Any) -> str | int | float | bool | None:
    """A value that JSON can hold: numpy scalars become Python's, everything else becomes printable text."""
    value = value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 4) if value - value == 0 else printable(value)
    return printable(value, CELL_LENGTH)
