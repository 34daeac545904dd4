"""What a run concludes, and from what: outcomes, check results, the verdict, the judgement. All plain values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from grading.inside import TREE
from grading.sandboxes.base import Exit, Limits, Reason
from grading.wording import wording

NOT_ASKED = wording("No check of {kind} was asked; that is our fault, and costs you nothing.")
NEEDED_HOLD = wording("Every check that {kind} needs holds; {held} of {all} in all.")
ONE_HOLDS = wording("The one check of {kind} holds.")
ALL_HOLD = wording("All {held} checks of {kind} hold.")
ENDED = wording("Your {kind} stopped with exit code {code}; its last lines are below.")
RAISED = wording("Your {kind} stopped with an error: {error}")
ENDINGS = {
    Reason.TIMED_OUT: wording("Your {kind} was still running after {wall_s} seconds, so we stopped it."),
    Reason.OUT_OF_CPU: wording("Your {kind} used up its {cpu_s} seconds of processor time, so we stopped it."),
    Reason.OUT_OF_MEMORY: wording("Your {kind} needed more than {memory_mb} MB of memory, so we stopped it."),
    Reason.TOO_MUCH_OUTPUT: wording("Your {kind} printed more than {output_kill_mb} MB, so we stopped it."),
    Reason.TOO_MANY_PROCESSES: wording("Your {kind} started more than {processes} processes or threads."),
    Reason.DISK_FULL: wording("Your {kind} wrote more than the {out_mb} MB that its output folder holds."),
    Reason.KILLED_BY_US: wording("We stopped your {kind} before it was done."),
}
OWN_FRAME = re.compile(rf'  File "{TREE}/(.+?)", line (\d+)')


class Outcome(StrEnum):
    """What a run concludes: BROKEN would not run or hit a limit; VOID is our fault and costs nothing.

    LENT is said of a milestone of the chain alone: it was not judged, since the reference stood in for it.
    """

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    VOID = "void"
    LENT = "lent"


class Answer(StrEnum):
    """What one check said."""

    HELD = "held"
    FAILED = "failed"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's answer in one run, with the sentence a learner reads when it does not hold."""

    name: str
    question: str
    answer: Answer
    sentence: str = ""
    expected: str = ""
    found: str = ""
    details: tuple[Mapping[str, object], ...] = ()
    skills: tuple[str, ...] = ()
    level: int = 1
    points: int = 1
    required: bool = True
    plot: Mapping[str, object] | None = None
    measured: float | None = None
    mark: float | None = None
    borderline: bool = False

    @property
    def missed(self) -> bool:
        """Whether it keeps its milestone from passing."""
        return self.required and self.answer is not Answer.HELD


@dataclass(frozen=True, slots=True)
class Usage:
    """What their code used, measured from outside."""

    cpu_s: float = 0
    wall_s: float = 0
    memory_mb: float = 0


@dataclass(frozen=True, slots=True)
class MilestoneVerdict:
    """What was concluded on one milestone of the chain."""

    kind: str
    outcome: Outcome
    sentence: str
    results: tuple[CheckResult, ...] = ()
    usage: Usage = Usage()
    limits: Mapping[str, float] = field(default_factory=dict)
    output: str = ""
    artefact: str = ""
    found_by_digest: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one run concluded: the outcome of the milestone that was handed in, and of every one before it.

    `guilty` names the milestone to mend when that is another than the one handed in. `digests` name everything that
    can change the verdict: who holds them can reproduce it.
    """

    kind: str
    outcome: Outcome
    sentence: str
    chain: tuple[MilestoneVerdict, ...]
    guilty: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> MilestoneVerdict:
        """The last milestone of the chain that was judged."""
        return self.chain[-1]


def judge(kind: str, exit: Exit, limits: Limits, results: Sequence[CheckResult]) -> tuple[Outcome, str]:
    """One milestone's outcome and the sentence that says why. Exit codes and output never make it pass."""
    if exit.abnormal:
        return Outcome.BROKEN, describe_exit(kind, exit, limits)
    missed = [result for result in results if result.missed]
    if not results:
        return Outcome.VOID, NOT_ASKED.format(kind=kind)
    if missed:
        return Outcome.FAILED, missed[0].sentence or missed[0].question
    held = sum(result.answer is Answer.HELD for result in results)
    if held < len(results):
        return Outcome.PASSED, NEEDED_HOLD.format(kind=kind, held=held, all=len(results))
    return Outcome.PASSED, (ONE_HOLDS if held == 1 else ALL_HOLD).format(held=held, kind=kind)


def describe_exit(kind: str, exit: Exit, limits: Limits) -> str:
    """The sentence for code that did not end well, with the limit that was hit."""
    if exit.reason in ENDINGS:
        allowed = {**asdict(limits), "wall_s": f"{limits.wall_s:.0f}", "cpu_s": f"{limits.cpu_s:.0f}"}
        return ENDINGS[exit.reason].format(kind=kind, **allowed)
    return _describe_traceback(kind, exit) or ENDED.format(kind=kind, code=exit.code)


def _describe_traceback(kind: str, exit: Exit) -> str:
    lines = [line for line in exit.stderr.splitlines() if line.strip()]
    if not any(line.startswith(("Traceback ", '  File "')) for line in lines):
        return ""
    own = [found for line in lines if (found := OWN_FRAME.match(line))]
    where = f" ({own[-1][1]}, line {own[-1][2]})" if own else ""
    return RAISED.format(kind=kind, error=f"{lines[-1].strip()[:300]}{where}")


def to_plain(verdict: Verdict) -> dict[str, object]:
    """The verdict as JSON-ready values; StrEnums are strings already."""
    return asdict(verdict)


def from_plain(told: Mapping[str, Any]) -> Verdict:
    """The verdict that was written down as plain values."""
    chain = tuple(_link_from_plain(link) for link in told["chain"])
    return Verdict(**{**told, "outcome": Outcome(told["outcome"]), "chain": chain})


def _link_from_plain(told: Mapping[str, Any]) -> MilestoneVerdict:
    results = tuple(_result_from_plain(result) for result in told["results"])
    usage, outcome = Usage(**told["usage"]), Outcome(told["outcome"])
    return MilestoneVerdict(**{**told, "outcome": outcome, "results": results, "usage": usage})


def _result_from_plain(told: Mapping[str, Any]) -> CheckResult:
    sequences = {name: tuple(told[name]) for name in ("details", "skills")}
    return CheckResult(**{**told, **sequences, "answer": Answer(told["answer"])})
