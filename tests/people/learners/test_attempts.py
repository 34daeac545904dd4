"""Attempts refill with time, and cost nothing where nothing was judged; at an empty budget a sentence says when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from grading.verdict import Verdict
from people.accounts.models import User
from people.learners import intake
from people.learners.attempts import Budget, Try, count_attempts, count_wrong
from people.learners.models import Enrolment, Run, RunState, Submission

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
BUDGET = Budget(3, timedelta(minutes=20))
Conclude = Callable[[Run, Verdict], None]


@pytest.mark.parametrize(
    ("minutes_ago", "left", "next_in"),
    [
        ([], 3, None),
        ([1], 2, 19),
        ([20], 3, None),  # it has just come back
        ([3, 2, 1], 0, 17),  # they come back one after the other, not all at once
        ([30, 3, 2], 1, 17),
        ([25, 24, 23], 1, 15),
        ([59, 58, 57], 2, 1),
        ([500, 400, 1], 2, 19),
        ([4, 3, 2, 1], 0, 36),  # more than there were: the setting has been made smaller since
    ],
)
def test_one_attempt_at_a_time_comes_back(minutes_ago: list[int], left: int, next_in: int | None) -> None:
    tries = [Try(f"tree {at}", NOW - timedelta(minutes=at), "failed") for at in minutes_ago]
    attempts = count_attempts(tries, BUDGET, NOW)
    assert (attempts.left, attempts.size) == (left, 3)
    assert attempts.next_at == (None if next_in is None else NOW + timedelta(minutes=next_in))


@pytest.mark.parametrize(
    ("tries", "spent", "wrong"),
    [
        ([("a", "failed"), ("b", "broken")], 2, 2),
        ([("a", "failed"), ("a", "failed")], 1, 1),  # the same files once more
        ([("a", "void"), ("b", "superseded")], 0, 0),
        ([("a", "void"), ("a", "failed")], 1, 1),
        ([("a", "passed"), ("b", "")], 2, 0),  # what is being judged counts already
    ],
)
def test_what_costs_nothing_is_not_counted(tries: list[tuple[str, str]], spent: int, wrong: int) -> None:
    handed_in = [Try(tree, NOW, outcome) for tree, outcome in tries]
    assert 3 - count_attempts(handed_in, BUDGET, NOW).left == spent
    assert count_wrong(handed_in) == wrong


@pytest.fixture
def spent(enrolled: Enrolment, settings: object, conclude: Conclude, broken_ingest: Verdict) -> Enrolment:
    """Alice has used the one attempt that she has."""
    settings.MILEPOST_ATTEMPTS = 1  # type: ignore[attr-defined]
    conclude(intake.submit(enrolled, "ingest", {"pipeline/ingest.py": b"spent"}, "test"), broken_ingest)
    return enrolled


def test_an_empty_budget_refuses_with_the_time_and_the_way_round_and_then_takes_again(
    spent: Enrolment, alice: User, api: Callable[[User], APIClient], hand_in: Callable[..., Response]
) -> None:
    as_alice = api(alice)
    refused = hand_in(as_alice)
    assert refused.status_code == 429
    assert 1190 <= int(refused["Retry-After"]) <= 1200
    told = refused.json()
    assert (told["code"], told["field"]) == ("no-attempt-left", "milestone")
    assert told["detail"] == "No attempt at ingest is left. The next one comes in 20 minutes."
    assert "milepost check" in told["remedy"]
    assert Submission.objects.count() == 1
    [milestone, _] = as_alice.get("/api/enrolments").json()["results"][0]["milestones"]
    assert (milestone["attempts"]["left"], milestone["attempts"]["size"]) == (0, 1)
    Submission.objects.update(created_at=NOW - timedelta(days=3))
    assert hand_in(as_alice).status_code == 201


def test_the_same_files_and_what_takes_the_place_of_a_waiting_run_are_taken_all_the_same(
    enrolled: Enrolment, settings: object, conclude: Conclude, broken_ingest: Verdict
) -> None:
    settings.MILEPOST_ATTEMPTS = 1  # type: ignore[attr-defined]
    waiting = intake.submit(enrolled, "ingest", {"main.py": b"one"}, "test")
    conclude(intake.submit(enrolled, "ingest", {"main.py": b"two"}, "test"), broken_ingest)
    waiting.refresh_from_db()
    assert waiting.outcome == "superseded"
    again = intake.submit(enrolled, "ingest", {"main.py": b"two"}, "test")
    assert again.state == RunState.QUEUED


def test_where_attempts_are_not_counted_nobody_is_refused(
    spent: Enrolment, alice: User, api: Callable[[User], APIClient], hand_in: Callable[..., Response], settings: object
) -> None:
    settings.MILEPOST_ATTEMPTS = 0  # type: ignore[attr-defined]
    as_alice = api(alice)
    assert hand_in(as_alice).status_code == 201
    assert as_alice.get("/api/enrolments").json()["results"][0]["milestones"][0]["attempts"] is None


@pytest.mark.django_db(transaction=True)
def test_a_push_is_stored_and_says_that_it_is_not_judged(
    spent: Enrolment, alice: User, clone: Callable[..., object]
) -> None:
    work = clone(alice)
    commit = work.commit({"pipeline/ingest.py": "print(7)"})  # type: ignore[attr-defined]
    code, told = work.push()  # type: ignore[attr-defined]
    assert code == 0
    assert "Your commit is stored, and is not judged for now." in told
    assert "The next one comes in 20 minutes." in told
    assert commit in work("ls-remote", "origin", "main")  # type: ignore[operator]
    assert Submission.objects.count() == 1
