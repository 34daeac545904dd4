"""A crowd read lightly stands where `standing` says that each of them stands."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curriculum.models import Project
from grading.verdict import MilestoneVerdict, Outcome, Verdict
from people.accounts.models import User
from people.learners import intake
from people.learners.crowds import State, read_states
from people.learners.models import Enrolment, Loan, Override, Run
from people.learners.standing import VOID, read_standings
from scripts.crowd import KINDS, make_crowd

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def as_standing_says(kinds: tuple[str, ...]) -> dict[int, list[tuple[object, ...]]]:
    told = read_standings(dict.fromkeys(Enrolment.objects.values_list("pk", flat=True), kinds))
    return {
        pk: [
            (one.kind, one.state, one.submission_id, one.setback.judgement_id if one.setback else None)
            for one in stands
        ]
        for pk, stands in told.items()
    }


def shorten(state: State) -> tuple[object, ...]:
    return (state.kind, state.state, state.submission_id, state.refused_by)


def test_leaders_words_count_for_a_crowd_as_they_do_for_each(alice: User) -> None:
    make_crowd(60, now=NOON)
    judged = Run.objects.exclude(outcome="").order_by("pk")
    for number, run in enumerate(judged[::5]):
        outcome = ("passed", "failed")[number % 2]
        told = {"outcome": outcome, "machine": run.outcome, "reason": "Seen by hand.", "by": alice}
        Override.objects.get_or_create(submission=run.submission, check_name="", undone_at=None, defaults=told)
    told_of_all, expected = read_states(Enrolment.objects.all(), KINDS), as_standing_says(KINDS)
    assert sum(state.word is not None for states in told_of_all.values() for state in states) > 20
    assert {pk: [state.state for state in states] for pk, states in told_of_all.items()} == {
        pk: [stands[1] for stands in all_stands] for pk, all_stands in expected.items()
    }


def test_a_crowd_stands_where_each_of_them_does() -> None:
    make_crowd(150, now=NOON)
    enrolment = Enrolment.objects.filter(submissions=None).first() or Enrolment.objects.earliest("pk")
    Loan.objects.create(enrolment=enrolment, kind="ingest")
    told, expected = read_states(Enrolment.objects.all(), KINDS), as_standing_says(KINDS)
    assert set(told) == set(expected)
    seen = set()
    for pk, states in told.items():
        for state, stands in zip(states, expected[pk], strict=True):
            # Of what we could not judge, a crowd keeps the last no; a chain that went void forgets it.
            assert state.state == stands[1]
            assert state.state == VOID or shorten(state) == stands
            seen.add(state.state)
    assert {"passed", "failed", "broken", "regressed", "queued", "open", "locked", "lent"} <= seen


def test_it_takes_as_many_queries_for_two_as_for_twenty() -> None:
    make_crowd(2, "two", now=NOON)
    make_crowd(20, "twenty", now=NOON)
    counts = []
    for slug in ("two", "twenty"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read_states(Enrolment.objects.filter(project__slug=slug), KINDS)
        counts.append(len(queries))
    assert counts[1] == 6
    assert counts[0] <= counts[1]


def verdict(kind: str, told: str) -> Verdict:
    outcomes = [Outcome(word) for word in told.split()]
    chain = tuple(MilestoneVerdict(name, out, "") for name, out in zip(("ingest", "clean"), outcomes, strict=False))
    return Verdict(kind, outcomes[-1], "", chain)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [("ingest", "failed"), ("ingest", "void")],
        [("ingest", "passed"), ("clean", "failed")],
        [("ingest", "passed"), ("clean", "failed"), ("ingest", "passed")],
        [("ingest", "passed"), ("clean", "failed"), ("clean", "passed failed")],
        [("ingest", "passed"), ("clean", "passed passed"), ("clean", "passed broken")],
        [("ingest", "passed"), ("ingest", "failed")],
    ],
)
def test_one_learner_stands_so_after_each_of_these(
    steps: list[tuple[str, str]],
    alice: User,
    tiny: Project,
    rings: list[object],
    settings: object,
    conclude: Callable[[Run, Verdict], None],
) -> None:
    settings.VOID_RETRIES = 0  # type: ignore[attr-defined]
    enrolment = intake.enrol(alice, tiny)
    for number, (kind, told) in enumerate(steps):
        conclude(intake.submit(enrolment, kind, {"main.py": str(number).encode()}, "test"), verdict(kind, told))
    [states] = read_states(Enrolment.objects.all(), ("ingest", "clean")).values()
    assert [shorten(state) for state in states] == as_standing_says(("ingest", "clean"))[enrolment.pk]


def test_an_edition_that_never_passed_it_takes_no_pass_away(
    alice: User,
    tiny: Project,
    publish_newer: Callable[[], Project],
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
) -> None:
    enrolment = intake.enrol(alice, tiny)
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"1"}, "test"), verdict("ingest", "passed"))
    Enrolment.objects.update(project=publish_newer())
    enrolment.refresh_from_db()
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"2"}, "test"), verdict("ingest", "failed"))
    [states] = read_states(Enrolment.objects.all(), ("ingest", "clean")).values()
    assert [state.state for state in states] == ["passed", "open"]
    assert [shorten(state) for state in states] == as_standing_says(("ingest", "clean"))[enrolment.pk]
