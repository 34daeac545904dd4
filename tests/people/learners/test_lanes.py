"""Whose turn it is: the deadline of one class keeps nobody else waiting, and everybody is told the true place."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners import intake, lanes, ledger, tasks
from people.learners.estimates import open_runs, place_runs
from people.learners.models import Enrolment, Lane, Run, RunState

HandIn = Callable[..., Run]


@pytest.fixture
def hand_in(make_user: Callable[[str], User], tiny: Project, rings: list[Any]) -> HandIn:
    """A new learner hands in, as a member of these cohorts."""
    numbers = count()

    def by_somebody(*cohorts: Cohort) -> Run:
        user = make_user(f"learner{next(numbers)}")
        for cohort in cohorts:
            Membership.objects.create(cohort=cohort, user=user, role=Role.LEARNER)
        return intake.submit(intake.enrol(user, tiny), "ingest", {"main.py": b""}, "test")

    return by_somebody


@pytest.fixture
def autumn(db: None) -> Cohort:
    return Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])


@pytest.fixture
def spring(db: None) -> Cohort:
    return Cohort.objects.create(slug="spring", title="Spring", project_slugs=["tiny"])


def take(number: int) -> list[Run]:
    """So many runs, one after the other, as the workers of a busy night take them."""
    taken = [ledger.claim_next() for _ in range(number)]
    return [run for run in taken if run]


def close(run: Run, verdict: Verdict) -> None:
    ledger.record(run, verdict)


def test_one_of_another_cohort_does_not_wait_behind_thirty(
    hand_in: HandIn, autumn: Cohort, spring: Cohort, passed_ingest: Verdict
) -> None:
    many = [hand_in(autumn) for _ in range(30)]
    alone, himself = hand_in(spring), hand_in()
    first = take(1)
    close(first[0], passed_ingest)
    later = take(2)
    assert {run.pk for run in (*first, *later)} == {many[0].pk, alone.pk, himself.pk}
    for run in later:
        close(run, passed_ingest)
    assert [run.pk for run in take(29)] == [run.pk for run in many[1:]], "the oldest first, and each once"
    assert ledger.claim_next() is None


def test_lanes_with_as_much_to_do_have_as_many_workers(hand_in: HandIn, autumn: Cohort, spring: Cohort) -> None:
    for _ in range(10):
        hand_in(autumn)
    for _ in range(6):
        hand_in(spring)
    at_work = [run.lane for run in take(8)]
    assert sorted(at_work) == sorted([f"cohort {autumn.pk}", f"cohort {spring.pk}"] * 4)


def test_with_one_worker_it_is_the_turn_of_who_was_served_longest_ago(
    hand_in: HandIn, autumn: Cohort, spring: Cohort, passed_ingest: Verdict
) -> None:
    for _ in range(3):
        hand_in(autumn)
        hand_in(spring)
    served = []
    for _ in range(6):
        [run] = take(1)
        served.append(run.lane)
        close(run, passed_ingest)
    assert all(one != other for one, other in pairwise(served)), served


def test_an_enrolment_is_judged_one_run_at_a_time(
    hand_in: HandIn, autumn: Cohort, passed_ingest: Verdict, make_user: Callable[[str], User]
) -> None:
    first = hand_in(autumn)
    [running] = take(1)
    close(running, passed_ingest)
    enrolment = first.submission.enrolment
    ingest, clean = (intake.submit(enrolment, kind, {"main.py": b"2"}, "test") for kind in ("ingest", "clean"))
    other = hand_in(autumn)
    assert [run.pk for run in take(3)] == [ingest.pk, other.pk], "clean waits for ingest of the same learner"
    assert ledger.claim_next() is None
    held = Run.objects.get(pk=ingest.pk)
    close(held, passed_ingest)
    assert [run.pk for run in take(1)] == [clean.pk]


def test_what_a_dead_worker_held_goes_first(hand_in: HandIn, autumn: Cohort) -> None:
    lost = hand_in(autumn)
    take(1)
    hand_in(autumn)
    hand_in()
    Run.objects.filter(pk=lost.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert [run.pk for run in take(1)] == [lost.pk]


def test_a_place_in_the_queue_is_the_order_of_claims(hand_in: HandIn, autumn: Cohort, spring: Cohort) -> None:
    for cohorts in [(autumn,)] * 6 + [(spring,)] * 2 + [()] * 3:
        hand_in(*cohorts)
    take(3)
    hand_in(spring)
    waiting = list(Run.objects.filter(state=RunState.QUEUED))
    told = {run.pk: lanes.count_before(run) for run in waiting}
    places = place_runs(open_runs(), {}, timezone.now(), lanes.read_served())
    assert {run.pk: places[run.submission_id].waiting_before for run in waiting} == told
    assert sorted(told.values()) == list(range(len(waiting)))
    assert [told[run.pk] for run in take(len(waiting))] == list(range(len(waiting)))


@pytest.mark.parametrize(
    ("projects", "archived", "named"), [(["tiny"], False, True), (["other"], False, False), (["tiny"], True, False)]
)
def test_only_a_cohort_that_takes_the_project_now_has_its_lane(
    hand_in: HandIn, autumn: Cohort, projects: list[str], archived: bool, named: bool
) -> None:
    Cohort.objects.update(project_slugs=projects, archived_at=timezone.now() if archived else None)
    assert hand_in(autumn).lane == (f"cohort {autumn.pk}" if named else "")


def test_who_is_in_two_cohorts_waits_with_the_older(hand_in: HandIn, autumn: Cohort, spring: Cohort) -> None:
    assert hand_in(spring, autumn).lane == f"cohort {autumn.pk}"


def test_of_two_that_choose_a_lane_at_once_one_serves_it_and_the_other_chooses_again(
    hand_in: HandIn, autumn: Cohort, spring: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = hand_in(autumn), hand_in(spring)
    chosen, choose = lanes.choose_next(), lanes.choose_next
    assert chosen
    assert chosen.run_id == first.pk
    assert ledger.claim_next(), "somebody is quicker"
    answers = iter([chosen])
    monkeypatch.setattr(lanes, "choose_next", lambda: next(answers, None) or choose())
    late = ledger.claim_next()
    assert late
    assert late.pk == other.pk
    assert Lane.objects.get(name=chosen.lane).served_at > chosen.served_at


def test_choosing_among_thousands_takes_few_queries(
    hand_in: HandIn, autumn: Cohort, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    submission = hand_in(autumn).submission
    Run.objects.bulk_create(
        Run(submission=submission, edition=submission.enrolment.project, draw=1, lane=f"cohort {number % 7}")
        for number in range(2000)
    )
    with django_assert_max_num_queries(4):
        assert lanes.choose_next()
    with django_assert_max_num_queries(12):
        assert ledger.claim_next()
    last = Run.objects.latest("pk")
    with django_assert_max_num_queries(2):
        assert lanes.count_before(last) > 1000


def test_whoever_ends_a_run_calls_for_the_next(
    hand_in: HandIn, rings: list[Any], monkeypatch: pytest.MonkeyPatch, passed_ingest: Verdict
) -> None:
    """The message named another run: it only says that there is work."""
    first, second = hand_in(), hand_in()
    monkeypatch.setattr(tasks, "facilities", lambda: None)
    monkeypatch.setattr(tasks, "grade_surely", lambda *_: passed_ingest)
    rings.clear()
    tasks.grade_run(second.pk)
    first.refresh_from_db()
    assert first.outcome == "passed"
    assert [ring for ring in rings if ring[0] == "grade_run"] == [("grade_run", (second.pk,))]
    tasks.grade_run(second.pk)
    rings.clear()
    tasks.grade_run(second.pk)
    assert rings == [], "nobody waits"


def test_a_lost_broker_is_no_reason_to_call_a_worker_for_each_of_hundreds(hand_in: HandIn, rings: list[Any]) -> None:
    submission = hand_in().submission
    Run.objects.bulk_create(
        Run(submission=submission, edition=submission.enrolment.project, draw=1) for _ in range(100)
    )
    Run.objects.update(rung_at=timezone.now() - timedelta(minutes=1))
    rings.clear()
    assert tasks.sweep() == len(rings) == ledger.CALLS_AT_A_TIME
    assert tasks.sweep() == 0, "the others are taken by those who come for these"


def test_a_run_of_which_every_worker_dies_is_given_up_as_our_fault(hand_in: HandIn, rings: list[Any]) -> None:
    run = hand_in()
    long_ago = timezone.now() - timedelta(minutes=5)
    for _ in range(ledger.MOST_TRIES):
        assert ledger.claim_next()
        Run.objects.update(lease_until=long_ago)
    assert ledger.claim_next() is None
    assert ledger.claim(run.pk) is None
    tasks.sweep()
    run.refresh_from_db()
    assert (run.state, run.outcome, run.tries) == ("done", "void", ledger.MOST_TRIES)
    assert "costs you nothing" in run.sentence
    last = run.audit.last()
    assert last
    assert (last.verb, last.text) == ("recorded", "void: each of the 8 workers that took it died")


def test_what_was_void_rests_before_it_is_tried_again_and_then_for_longer(hand_in: HandIn, autumn: Cohort) -> None:
    """A disk that is full for ten seconds must not use up all tries of all who wait."""
    run, rests = hand_in(autumn), []
    for _ in range(2):
        claimed = ledger.claim_next()
        assert claimed
        ledger.record(claimed, tasks.void(tasks.practice_job(run.submission), "the disk was full"))
        assert ledger.claim_next() is None
        run.refresh_from_db()
        assert run.rests_until
        rests.append((run.rests_until - timezone.now()).total_seconds())
        Run.objects.update(rests_until=timezone.now() - timedelta(seconds=1))
    assert rests == [pytest.approx(15, abs=5), pytest.approx(45, abs=5)]
    other = hand_in(autumn)
    assert [one.pk for one in take(2)] == [run.pk, other.pk]


def test_a_workers_death_is_not_counted_as_a_void_try(hand_in: HandIn, rings: list[Any]) -> None:
    """Else a machine that goes down twice, and a disk that is full once, would be shown to the learner."""
    run = hand_in()
    for _ in range(3):
        assert ledger.claim_next()
        Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    claimed = ledger.claim_next()
    assert claimed
    assert ledger.record(claimed, tasks.void(tasks.practice_job(run.submission), "the disk was full"))
    assert Run.objects.get().state == RunState.QUEUED
    assert Enrolment.objects.get().submissions.count() == 1
