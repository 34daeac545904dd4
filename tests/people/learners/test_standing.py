"""Where a milestone stands, after one run and after several."""

from collections.abc import Callable

import pytest

from curriculum.models import Project
from grading.verdict import MilestoneVerdict, Outcome, Verdict
from people.accounts.models import User
from people.learners import intake
from people.learners.models import Enrolment, Run
from people.learners.standing import read_standings

Steps = list[tuple[str, str]]


def verdict(kind: str, told: str) -> Verdict:
    """`told`: the outcome of each milestone of the chain, in order."""
    outcomes = [Outcome(word) for word in told.split()]
    chain = tuple(MilestoneVerdict(name, out, "") for name, out in zip(("ingest", "clean"), outcomes, strict=False))
    return Verdict(kind, outcomes[-1], "", chain)


@pytest.fixture
def enrolment(alice: User, tiny: Project, rings: list[object], settings: object) -> Enrolment:
    settings.VOID_RETRIES = 0  # type: ignore[attr-defined]
    return intake.enrol(alice, tiny)


def states(enrolment: Enrolment) -> str:
    [standings] = read_standings({enrolment.pk: ["ingest", "clean"]}).values()
    return " ".join(standing.state for standing in standings)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], "open locked"),
        ([("ingest", "failed")], "failed locked"),
        ([("ingest", "void")], "void locked"),
        ([("ingest", "broken"), ("ingest", "void"), ("ingest", "passed")], "passed open"),
        ([("ingest", "passed"), ("ingest", "void")], "passed open"),
        ([("ingest", "passed"), ("clean", "passed failed")], "passed failed"),
        ([("ingest", "passed"), ("clean", "failed")], "regressed failed"),
        ([("ingest", "passed"), ("clean", "broken"), ("clean", "passed passed")], "passed passed"),
        ([("ingest", "passed"), ("clean", "passed passed"), ("clean", "passed broken")], "passed regressed"),
        ([("ingest", "passed"), ("ingest", "failed")], "regressed open"),
    ],
)
def test_a_milestone_stands_where_its_runs_have_left_it(
    enrolment: Enrolment, conclude: Callable[[Run, Verdict], None], steps: Steps, expected: str
) -> None:
    for kind, told in steps:
        run = intake.submit(enrolment, kind, {"main.py": b""}, "test")
        assert "queued" in states(enrolment)
        conclude(run, verdict(kind, told))
    assert states(enrolment) == expected
