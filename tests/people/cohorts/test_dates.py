"""Dates are read for a whole cohort at once, and the number of queries does not hang on how many learn in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from grading.verdict import Outcome, Verdict
from people.accounts.models import User
from people.cohorts.dates import read_dates, read_voids
from people.cohorts.lateness import Dates, Void
from people.cohorts.models import Cohort, Extension, Membership, Role
from people.learners import intake, ledger
from people.learners.models import Enrolment, Run

DUE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def join(cohort: Cohort, user: User, percent: int = 0) -> Membership:
    return Membership.objects.create(cohort=cohort, user=user, role=Role.LEARNER, extra_percent=percent)


def extend(member: Membership, until: datetime, withdrawn: bool = False) -> None:
    Extension.objects.create(
        membership=member, slug="tiny", kind="ingest", due_at=until, withdrawn_at=DUE if withdrawn else None
    )


def test_each_learner_has_dates_of_their_own_at_every_milestone(cohort: Cohort, alice: User, bob: User) -> None:
    members = [join(cohort, alice), join(cohort, bob, percent=25)]
    extend(members[0], DUE + DAY)
    extend(members[0], DUE + 2 * DAY)
    extend(members[0], DUE + 3 * DAY, withdrawn=True)
    assert read_dates(cohort, members) == {
        (alice.pk, "tiny", "ingest"): Dates(DUE - 4 * DAY, DUE + 2 * DAY, DUE + 4 * DAY, True),
        (alice.pk, "tiny", "clean"): Dates(None, DUE + 8 * DAY, None),
        (bob.pk, "tiny", "ingest"): Dates(DUE - 4 * DAY, DUE + DAY, DUE + 6 * DAY),
        # Of the eight days since ingest was due.
        (bob.pk, "tiny", "clean"): Dates(None, DUE + 10 * DAY, None),
    }


@pytest.mark.parametrize("count", [2, 20])
def test_many_are_read_in_as_many_queries_as_few(
    count: int, cohort: Cohort, make_user: Callable[[str], User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    members = [join(cohort, make_user(f"learner{number}")) for number in range(count)]
    for member in members:
        extend(member, DUE + DAY)
    with django_assert_num_queries(4):
        assert len(read_dates(cohort, members)) == 2 * count
    with django_assert_num_queries(1):
        assert read_voids([member.user_id for member in members], cohort.project_slugs) == {}


def void(run: Run, times: int) -> None:
    for _ in range(times):
        claimed = ledger.claim(run.pk)
        assert claimed is not None
        ledger.record(claimed, Verdict("ingest", Outcome.VOID, "The sandbox would not start.", ()))
    run.refresh_from_db()


def test_what_we_voided_is_told_with_both_instants(enrolled: Enrolment, alice: User, bob: User) -> None:
    run = intake.submit(enrolled, "ingest", {"pipeline/ingest.py": b"1"}, "test")
    void(run, times=3)
    assert read_voids([alice.pk, bob.pk], ["tiny"]) == {
        (alice.pk, "tiny", "ingest"): [Void(run.submission.created_at, run.finished_at)]
    }


def test_what_was_superseded_counts_as_void_only_if_a_worker_had_failed_at_it(enrolled: Enrolment, alice: User) -> None:
    runs = [intake.submit(enrolled, "ingest", {"pipeline/ingest.py": bytes([48 + n])}, "test") for n in (1, 2)]
    claimed = ledger.claim(runs[1].pk)
    assert claimed is not None
    intake.submit(enrolled, "ingest", {"pipeline/ingest.py": b"3"}, "test")
    ledger.record(claimed, Verdict("ingest", Outcome.VOID, "The sandbox would not start.", ()))
    assert set(Run.objects.filter(outcome="superseded")) == set(runs)
    (voids,) = read_voids([alice.pk], ["tiny"]).values()
    assert [one.handed_in_at for one in voids] == [runs[1].submission.created_at]
