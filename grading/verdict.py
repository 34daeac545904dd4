"""What a run concludes, and from what: outcomes, check results, the verdict, the judgement. All plain values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from grading.inside import TREE
from grading.sandboxes.base import Exit, Limits, Reason

OWN_FRAME = re.compile(rf'  File "{TREE}/(.+?)", line (\d+)')


class Outcome(StrEnum):
    """What a run concludes: BROKEN would not run or hit a limit; VOID is our fault and costs nothing."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    VOID = "void"


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
    missed = [result for result in results if result.required and result.answer is not Answer.HELD]
    if not results:
        return Outcome.VOID, f"No check of {kind} was asked; that is our fault, and costs you nothing."
    if missed:
        return Outcome.FAILED, missed[0].sentence or missed[0].question
    held = sum(result.answer is Answer.HELD for result in results)
    if held < len(results):
        return Outcome.PASSED, f"Every check that {kind} needs holds; {held} of {len(results)} in all."
    return Outcome.PASSED, f"All {held} checks of {kind} hold."


def describe_exit(kind: str, exit: Exit, limits: Limits) -> str:
    """The sentence for code that did not end well, with the limit that was hit."""
    sentences = {
        Reason.TIMED_OUT: f"Your {kind} was still running after {limits.wall_s:.0f} seconds, so we stopped it.",
        Reason.OUT_OF_CPU: f"Your {kind} used up its {limits.cpu_s:.0f} seconds of processor time, so we stopped it.",
        Reason.OUT_OF_MEMORY: f"Your {kind} needed more than {limits.memory_mb} MB of memory, so we stopped it.",
        Reason.TOO_MUCH_OUTPUT: f"Your {kind} printed more than {limits.output_kill_mb} MB, so we stopped it.",
        Reason.TOO_MANY_PROCESSES: f"Your {kind} started more than {limits.processes} processes or threads.",
        Reason.DISK_FULL: f"Your {kind} wrote more than the {limits.out_mb} MB that its output folder holds.",
        Reason.KILLED_BY_US: f"We stopped your {kind} before it was done.",
    }
    ended = f"Your {kind} stopped with exit code {exit.code}; its last lines are below."
    return sentences.get(exit.reason) or _describe_traceback(kind, exit) or ended


def _describe_traceback(kind: str, exit: Exit) -> str:
    lines = [line for line in exit.stderr.splitlines() if line.strip()]
    if not any(line.startswith(("Traceback ", '  File "')) for line in lines):
        return ""
    own = [found for line in lines if (found := OWN_FRAME.match(line))]
    where = f" ({own[-1][1]}, line {own[-1][2]})" if own else ""
    return f"Your {kind} stopped with an error: {lines[-1].strip()[:300]}{where}"


def to_plain(verdict: Verdict) -> dict[str, object]:
    """The verdict as JSON-ready values; StrEnums are strings already."""
    return asdict(verdict)
