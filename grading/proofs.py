"""What one trial of one tree showed, beside what was expected of it. Plain values; knows not how trees are tried."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grading.verdict import Answer, MilestoneVerdict, Usage


@dataclass(frozen=True, slots=True)
class Proof:
    """One tree tried on one milestone of one world: what was expected, what came, and what it cost.

    fails: the checks that it ought to fail. failed: those that it failed. measured: each gate's number and mark.
    """

    project: str
    seed: int
    domain: str
    tree: str
    kind: str
    expected: str
    came: str
    holds: bool
    fails: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    measured: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    usage: Usage = Usage()
    seconds: float = 0
    sentence: str = ""
    diff: str = ""


def failed_checks(link: MilestoneVerdict) -> tuple[str, ...]:
    return tuple(sorted(result.name for result in link.results if result.answer is Answer.FAILED))


def measured_checks(link: MilestoneVerdict) -> dict[str, tuple[float, float]]:
    """What each check that measures found, and its mark."""
    return {
        result.name: (result.measured, result.mark)
        for result in link.results
        if result.measured is not None and result.mark is not None
    }


def describe(link: MilestoneVerdict) -> str:
    """An outcome with the names of the checks that do not hold: what a wrong tree's expect.yaml is compared with."""
    return describe_failure(link.outcome, failed_checks(link))


def describe_failure(outcome: str, names: Iterable[str], perhaps: Iterable[str] = ()) -> str:
    listed = [*sorted(names), *(f"perhaps {name}" for name in sorted(perhaps))]
    return f"{outcome}: {', '.join(listed)}" if listed else str(outcome)
