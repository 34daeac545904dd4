"""Likeness by the API: asked for, read, and one pair passage by passage; by whoever may open its pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.accounts.models import User
from people.cohorts import tasks
from people.cohorts.models import Cohort, Likeness, Membership, Role
from people.learners.models import Submission
from tests.people.cohorts.test_likeness import ONE, OTHER, asked, disguise, hand_in

__all__ = ["asked", "hand_in"]

LogIn = Callable[[User], Client]
API = "/api/cohorts/autumn/likeness/tiny/ingest"
PAIRS = "/api/cohorts/autumn/pairs"


def play(client: Client, asked: list[int], capture: Any) -> dict[str, Any]:
    """Ask, let the worker compare, and read."""
    with capture(execute=True):
        assert client.post(API).status_code == 202
    tasks.compare(asked.pop())
    told: dict[str, Any] = client.get(API).json()
    return told


def test_it_is_asked_for_read_and_a_pair_is_told_with_its_passages(
    log_in: LogIn,
    alice: User,
    bob: User,
    charlie: User,
    dana: User,
    autumn: Cohort,
    hand_in: Callable[..., Submission],
    asked: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    Membership.objects.create(cohort=autumn, user=charlie, role=Role.LEARNER)
    first, second = hand_in(alice, ONE, torn="x = '''"), hand_in(bob, disguise(ONE))
    hand_in(charlie, OTHER)
    client = log_in(dana)
    nothing = client.get(API)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not-compared")
    with django_capture_on_commit_callbacks(execute=True):
        begun = client.post(API)
        again = client.post(API)
    assert (begun.status_code, begun.json()["is_waiting"], begun.json()["found"]) == (202, True, None)
    assert (again.status_code, len(asked), autumn.lines.filter(verb="compared").count()) == (202, 1, 1)
    tasks.compare(asked.pop())
    told = client.get(API).json()
    assert (told["milestone"], told["asked_by"], told["is_waiting"]) == ("tiny/ingest", "Dana", False)
    found = told["found"]
    (pair,) = found["pairs"]
    assert (found["compared"], found["hidden"], found["artefacts"]) == (3, 0, [])
    assert pair["first"] == {"submission": first.pk, "learner": "Alice", "people": ["alice"]}
    assert pair["second"]["submission"] == second.pk
    assert pair["share"] > 0.9
    assert [(one["work"]["learner"], one["path"], one["reason"]) for one in found["skipped"]] == [
        ("Alice", "torn.py", "torn")
    ]
    beside = client.get(f"{PAIRS}/{first.pk}/{second.pk}").json()
    assert (beside["milestone"], beside["share"], len(beside["passages"])) == (
        "tiny/ingest",
        pair["share"],
        pair["passages"],
    )
    alike = [line["text"] for one in beside["passages"] for line in one["second"]["lines"] if line["is_alike"]]
    assert any("my_row" in text for text in alike)
    assert client.get(f"{PAIRS}/{second.pk}/{first.pk}").json()["code"] == "not-found"


@pytest.mark.parametrize(("role", "status"), [(Role.ASSISTANT, 403), (Role.OBSERVER, 403), (None, 404)])
def test_who_may_not_open_its_pages_may_not_ask_here(
    role: Role | None,
    status: int,
    log_in: LogIn,
    erin: User,
    dana: User,
    alice: User,
    bob: User,
    autumn: Cohort,
    hand_in: Callable[..., Submission],
    asked: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    pair = hand_in(alice, ONE), hand_in(bob, ONE)
    play(log_in(dana), asked, django_capture_on_commit_callbacks)
    if role:
        Membership.objects.create(cohort=autumn, user=erin, role=role)
    client = log_in(erin)
    answers = client.get(API), client.post(API), client.get("{}/{}/{}".format(PAIRS, *(one.pk for one in pair)))
    assert [answer.status_code for answer in answers] == [status] * 3
    assert (asked, autumn.lines.count()) == ([], 1)


def test_a_milestone_that_is_none_of_theirs_is_refused(log_in: LogIn, dana: User, autumn: Cohort) -> None:
    client = log_in(dana)
    refused = client.post("/api/cohorts/autumn/likeness/tiny/none")
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown-milestone")
    assert client.get("/api/cohorts/autumn/likeness/tiny/none").status_code == 404
    assert not Likeness.objects.exists()


def test_ten_alike_cost_no_more_queries_than_two(
    log_in: LogIn,
    dana: User,
    alice: User,
    bob: User,
    autumn: Cohort,
    make_user: Callable[[str], User],
    hand_in: Callable[..., Submission],
    asked: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = log_in(dana)

    def count() -> int:
        play(client, asked, django_capture_on_commit_callbacks)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(API).json()["found"]["pairs"]
        return len(queries)

    hand_in(alice, ONE), hand_in(bob, ONE)
    two = count()
    for number in range(8):
        user = make_user(f"learner{number}")
        Membership.objects.create(cohort=autumn, user=user, role=Role.LEARNER)
        hand_in(user, OTHER if number % 4 else ONE)
    assert count() == two <= 12
