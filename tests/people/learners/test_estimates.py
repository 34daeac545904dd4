"""How long it takes until a verdict, from how long the last ones took."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.learners import intake, ledger
from people.learners.estimates import Place, open_runs, place_runs, read_place, recent_runs, typical_seconds
from people.learners.models import Run

Conclude = Callable[[Run, Verdict], None]


@pytest.fixture
def hand_in(make_user: Callable[[str], User], tiny: Project, rings: list[object]) -> Callable[[], Run]:
    """Each time by another learner: one's own newer submission would take the place of the older."""
    numbers = count()
    return lambda: intake.submit(
        intake.enrol(make_user(f"learner{next(numbers)}"), tiny), "ingest", {"main.py": b""}, "test"
    )


@pytest.fixture
def judged(hand_in: Callable[[], Run], conclude: Conclude, passed_ingest: Verdict) -> None:
    """Three runs of ingest, which took 10, 20 and 90 seconds."""
    for seconds in (10, 20, 90):
        run = hand_in()
        conclude(run, passed_ingest)
        Run.objects.filter(pk=run.pk).update(
            started_at=run.queued_at, finished_at=run.queued_at + timedelta(0, seconds)
        )


def claim(run: Run, seconds_ago: float) -> None:
    assert ledger.claim(run.pk)
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(seconds=seconds_ago))


def test_without_any_measured_nobody_guesses(hand_in: Callable[[], Run]) -> None:
    first, second = hand_in(), hand_in()
    assert read_place(first.submission_id) == Place("queued", 0, None)
    assert read_place(second.submission_id) == Place("queued", 1, None)


@pytest.mark.usefixtures("judged")
def test_who_waits_is_told_of_all_before_them(hand_in: Callable[[], Run]) -> None:
    assert typical_seconds(recent_runs(9)) == {("tiny", "ingest"): 20}
    first, second = hand_in(), hand_in()
    assert read_place(first.submission_id) == Place("queued", 0, 20)
    assert read_place(second.submission_id) == Place("queued", 1, 40)


@pytest.mark.usefixtures("judged")
def test_what_runs_already_is_counted_for_what_is_left_of_it_and_by_how_many_work(hand_in: Callable[[], Run]) -> None:
    busy, late, waits = hand_in(), hand_in(), hand_in()
    claim(busy, 5)
    claim(late, 300)
    now = timezone.now()
    places = place_runs(open_runs(), {("tiny", "ingest"): 20.0}, now, {})
    assert places[busy.submission_id].seconds == pytest.approx(15, abs=2)
    assert places[late.submission_id] == Place("running", 0, None), "longer than all others: nobody knows"
    assert places[waits.submission_id].seconds == pytest.approx(20 + 15 / 2, abs=2)


@pytest.mark.usefixtures("judged")
def test_a_milestone_that_was_never_judged_is_taken_to_last_as_long_as_the_others(hand_in: Callable[[], Run]) -> None:
    run = hand_in()
    places = place_runs(open_runs(), {("tiny", "clean"): 30.0, ("other", "ingest"): 50.0}, timezone.now(), {})
    assert places[run.submission_id].seconds == 40


def test_what_is_judged_has_no_place_and_all_of_it_takes_three_queries(
    hand_in: Callable[[], Run],
    conclude: Conclude,
    passed_ingest: Verdict,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    run = hand_in()
    conclude(run, passed_ingest)
    for _ in range(5):
        hand_in()
    with django_assert_num_queries(3):
        assert read_place(run.submission_id) is None
