"""The order by totals at the door: whatever changes a total shows in it at once, and nobody else is graded anew."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Answer, Outcome, Verdict
from people.accounts.models import User
from people.cohorts import ordering
from people.cohorts.models import Cohort, Membership, Role, Timing
from people.learners.models import Run, Submission, Trial
from people.learners.sharing import form_team, remove
from tests.people.cohorts.test_gradebook import DAY, _fresh, autumn, judge, judged

__all__ = ["_fresh", "autumn", "judge", "judged"]

LogIn = Callable[[User], Client]
Judge = Callable[..., Submission]
API = "/api/cohorts/autumn"


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many learners were graded for an order, each time that anybody was."""
    heard: list[int] = []
    real = ordering.read_batches

    def listen(book: Any, numbers: Sequence[int], size: int) -> Any:
        heard.extend([len(numbers)] if numbers else [])
        return real(book, numbers, size)

    monkeypatch.setattr("people.cohorts.ordering.read_batches", listen)
    return heard


@pytest.fixture
def boss(judged: list[Submission], log_in: LogIn, dana: User) -> Client:
    """Dana, who owns the cohort. Ingest weighs four times clean: Bob has 80, and Alice, who was late, 74."""
    Cohort.objects.update(weights={"tiny/ingest": 4})
    Timing.objects.update(opens_at=timezone.now() - 12 * DAY)
    Membership.objects.filter(user=dana).update(role=Role.OWNER)
    return log_in(dana)


@pytest.fixture
def passed_clean(failed_clean: Verdict) -> Verdict:
    held = tuple(replace(one, answer=Answer.HELD, sentence="") for one in failed_clean.own.results)
    own = replace(failed_clean.own, outcome=Outcome.PASSED, results=held)
    return replace(failed_clean, outcome=Outcome.PASSED, chain=(failed_clean.chain[0], own))


def order(client: Client) -> list[str]:
    """Who stands in which order. The totals beside the names are never remembered, and must be in this order."""
    lines = client.get(f"{API}/gradebook?sort=-total").json()["results"]
    totals = [line["total"] or 0 for line in lines]
    assert totals == sorted(totals, reverse=True)
    return [line["username"] for line in lines]


def change(client: Client, method: str, path: str, told: Any = None) -> Any:
    answer = getattr(client, method)(f"{API}/{path}", told, "application/json")
    assert answer.status_code in (200, 201, 204), answer.content
    return answer.json() if answer.content else None


def test_a_run_counts_at_once_and_only_whose_it_is_is_graded(
    boss: Client, graded: list[int], alice: User, judge: Judge, passed_clean: Verdict
) -> None:
    assert order(boss) == ["bob", "alice"]
    assert graded == [2]
    judge(alice, "clean", passed_clean)
    assert order(boss) == ["alice", "bob"]
    assert order(boss) == ["alice", "bob"]
    assert graded == [2, 1]


def test_an_override_counts_until_it_is_undone_also_another_cohorts(
    boss: Client, graded: list[int], judged: list[Submission], alice: User, bob: User, log_in: LogIn, erin: User
) -> None:
    winter = Cohort.objects.create(slug="winter", title="Winter", project_slugs=["tiny"])
    for user, role in ((bob, Role.LEARNER), (erin, Role.OWNER)):
        Membership.objects.create(cohort=winter, user=user, role=role)
    assert order(boss) == ["bob", "alice"]
    path = f"/api/cohorts/winter/submissions/{judged[2].pk}/overrides"
    told = {"outcome": "failed", "reason": "Copied."}
    said = log_in(erin).post(path, told, "application/json").json()
    assert order(boss) == ["alice", "bob"]
    assert log_in(erin).delete(f"/api/cohorts/winter/overrides/{said['id']}").status_code == 204
    assert order(boss) == ["bob", "alice"]
    word = {"check": "they_are_in_order", "outcome": "held", "reason": "Seen."}
    change(boss, "post", f"submissions/{judged[1].pk}/overrides", word)
    assert order(boss) == ["alice", "bob"]
    assert graded == [2, 1, 1, 1]


def test_an_extension_counts_until_it_is_withdrawn(boss: Client, graded: list[int]) -> None:
    assert order(boss) == ["bob", "alice"]
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    told = {"learner": "alice", "milestone": "tiny/ingest", "due_at": soon, "reason": "ill"}
    made = change(boss, "post", "extensions", told)
    assert order(boss) == ["alice", "bob"]
    change(boss, "delete", f"extensions/{made['id']}")
    assert order(boss) == ["bob", "alice"]
    assert graded == [2, 1, 1]


def test_extra_time_as_a_rule_counts(boss: Client, graded: list[int]) -> None:
    assert order(boss) == ["bob", "alice"]
    change(boss, "patch", "learners/alice", {"extra_percent": 100})
    assert order(boss) == ["alice", "bob"]
    assert graded == [2, 1]


@pytest.mark.parametrize("what", ["dates", "policy", "weights"])
def test_what_holds_for_everybody_counts_for_everybody(what: str, boss: Client, graded: list[int]) -> None:
    assert order(boss) == ["bob", "alice"]
    if what == "dates":
        Timing.objects.update(due_at=timezone.now())
    elif what == "policy":
        change(boss, "put", "late-rules", {"zone": "UTC", "late_percent": 0, "late_days": None})
    else:
        change(boss, "patch", "weights", {"weights": {"tiny/clean": 4}})
    assert order(boss) == ["alice", "bob"]
    assert graded == [2, 2]


def test_a_shadow_counts_once_a_regrade_is_applied_however_old_it_is(
    boss: Client,
    graded: list[int],
    alice: User,
    judged: list[Submission],
    tiny: Project,
    conclude: Callable[[Run, Verdict], None],
    passed_clean: Verdict,
) -> None:
    trial = Trial.objects.create(edition=tiny)
    shadow = Run.every.create(submission=judged[1], edition=tiny, draw=0, trial=trial, shadow=True)
    conclude(shadow, passed_clean)
    Run.every.filter(pk=shadow.pk).update(finished_at=timezone.now() - 9 * DAY)
    assert order(boss) == ["bob", "alice"]
    # As `adopt_shadows` does it.
    Run.every.filter(pk=shadow.pk).update(shadow=False)
    assert order(boss) == ["alice", "bob"]
    assert graded == [2, 1]


def test_whose_work_it_is_counts(
    boss: Client, alice: User, bob: User, tiny: Project, judge: Judge, passed_clean: Verdict
) -> None:
    assert order(boss) == ["bob", "alice"]
    team = form_team([bob], tiny, "Blue")
    assert order(boss) == ["alice", "bob"]
    remove(team, bob)
    assert order(boss) == ["bob", "alice"]


def test_who_comes_and_goes_is_and_is_not_there(
    boss: Client, graded: list[int], charlie: User, judge: Judge, passed_ingest: Verdict
) -> None:
    assert order(boss) == ["bob", "alice"]
    judge(charlie, "ingest", passed_ingest, 5 * DAY)
    member = Membership.objects.create(cohort=Cohort.objects.get(), user=charlie, role=Role.LEARNER)
    assert set(order(boss)) == {"alice", "bob", "charlie"}
    assert order(boss)[-1] == "alice"
    member.delete()
    assert order(boss) == ["bob", "alice"]
    assert graded == [2, 1]


def test_what_is_remembered_costs_little_however_many_there_are(
    boss: Client, judge: Judge, make_user: Callable[[str], User], alice: User, passed_ingest: Verdict
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert order(boss)
        return len(queries)

    order(boss)
    two = count()
    for number in range(12):
        user = make_user(f"more{number}")
        Membership.objects.create(cohort=Cohort.objects.get(), user=user, role=Role.LEARNER)
        judge(user, "ingest", passed_ingest)
    order(boss)
    assert count() == two
    cache.clear()
    order(boss)
    assert count() == two
