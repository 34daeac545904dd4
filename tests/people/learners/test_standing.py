"""Where a milestone stands, after one run and after several."""

from collections.abc import Callable

import pytest

from curriculum.models import Project
from grading.verdict import MilestoneVerdict, Outcome, Verdict
from people.accounts.models import User
from people.learners import intake, ledger
from people.learners.models import Enrolment, Run, Submission
from people.learners.standing import Standing, read_standings

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


def stand(enrolment: Enrolment) -> list[Standing]:
    [standings] = read_standings({enrolment.pk: ["ingest", "clean"]}).values()
    return standings


def states(enrolment: Enrolment) -> str:
    return " ".join(standing.state for standing in stand(enrolment))


def setbacks(enrolment: Enrolment) -> str:
    """Of each milestone: which submission's judgement of what says no; a dash where none does."""
    told = [standing.setback for standing in stand(enrolment)]
    return " ".join(f"{setback.kind}#{setback.number}" if setback else "-" for setback in told)


@pytest.mark.parametrize(
    ("steps", "expected", "says_no"),
    [
        ([], "open locked", "- -"),
        ([("ingest", "failed")], "failed locked", "ingest#1 -"),
        ([("ingest", "broken")], "broken locked", "ingest#1 -"),
        ([("ingest", "void")], "void locked", "- -"),
        ([("ingest", "failed"), ("ingest", "void")], "void locked", "ingest#1 -"),
        ([("ingest", "failed"), ("ingest", "failed")], "failed locked", "ingest#2 -"),
        ([("ingest", "broken"), ("ingest", "void"), ("ingest", "passed")], "passed open", "- -"),
        ([("ingest", "passed"), ("ingest", "void")], "passed open", "- -"),
        ([("ingest", "passed"), ("clean", "passed failed")], "passed failed", "- clean#2"),
        ([("ingest", "passed"), ("clean", "failed")], "regressed failed", "ingest#2 ingest#2"),
        ([("ingest", "passed"), ("clean", "failed"), ("ingest", "passed")], "passed failed", "- ingest#2"),
        ([("ingest", "passed"), ("clean", "broken"), ("clean", "passed passed")], "passed passed", "- -"),
        ([("ingest", "passed"), ("clean", "passed passed"), ("clean", "failed")], "regressed passed", "ingest#3 -"),
        (
            [("ingest", "passed"), ("clean", "passed passed"), ("clean", "passed broken")],
            "passed regressed",
            "- clean#3",
        ),
        ([("ingest", "passed"), ("ingest", "failed")], "regressed open", "ingest#2 -"),
    ],
)
def test_a_milestone_stands_where_its_runs_have_left_it(
    enrolment: Enrolment, conclude: Callable[[Run, Verdict], None], steps: Steps, expected: str, says_no: str
) -> None:
    for kind, told in steps:
        run = intake.submit(enrolment, kind, {"main.py": b""}, "test")
        assert "queued" in states(enrolment)
        conclude(run, verdict(kind, told))
    assert states(enrolment) == expected
    assert setbacks(enrolment) == says_no


def test_what_waits_and_what_took_its_place(enrolment: Enrolment, conclude: Callable[[Run, Verdict], None]) -> None:
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"1"}, "test"), verdict("ingest", "failed"))
    older = intake.submit(enrolment, "ingest", {"main.py": b"2"}, "test")
    assert (states(enrolment), setbacks(enrolment)) == ("queued locked", "- -")
    newer = intake.submit(enrolment, "ingest", {"main.py": b"3"}, "test")
    older.refresh_from_db()
    assert older.outcome == "superseded"
    assert states(enrolment) == "queued locked"
    assert ledger.claim(newer.pk)
    assert (states(enrolment), setbacks(enrolment)) == ("running locked", "- -")
    assert stand(enrolment)[0].submission_id == newer.submission_id


def test_a_milestone_that_only_superseded_work_was_handed_in_for_stands_where_it_stood(
    enrolment: Enrolment, conclude: Callable[[Run, Verdict], None]
) -> None:
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"1"}, "test"), verdict("ingest", "failed"))
    for content in (b"2", b"3"):
        intake.submit(enrolment, "ingest", {"main.py": content}, "test")
    Submission.objects.filter(number=3).update(kind="clean")
    assert (states(enrolment), setbacks(enrolment)) == ("failed locked", "ingest#1 -")
