"""Handing in, watching, and reading the verdict."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.learners.facilities import store
from people.learners.models import Run, Submission

Api = Callable[[User], APIClient]
Rings = list[tuple[str, tuple[object, ...]]]
HandIn = Callable[..., Response]
Conclude = Callable[[Run, Verdict], None]


@pytest.fixture
def as_alice(api: Api, alice: User, tiny: Project, rings: Rings) -> APIClient:
    """Alice's program, enrolled in tiny."""
    client = api(alice)
    assert client.post("/api/projects/tiny/enrolment").status_code == 201
    return client


def test_what_is_handed_in_is_kept_numbered_queued_and_rung_for(
    as_alice: APIClient, hand_in: HandIn, rings: Rings, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        answer = hand_in(as_alice)
    told = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == told["url"] == f"http://testserver/api/submissions/{told['id']}"
    assert told["events"] == f"{told['url']}/events"
    assert told["page"] == f"http://testserver/submissions/{told['id']}/"
    assert (told["number"], told["kind"], told["via"], told["run"]["state"]) == (1, "ingest", "api", "queued")
    assert store().read(told["tree"], "pipeline/ingest.py") == b"print(5)"
    assert ("grade_run", (Run.objects.get().pk,)) in rings
    assert hand_in(as_alice).json()["number"] == 2


def test_a_locked_milestone_says_what_opens_it_and_an_unknown_one_what_there_is(
    as_alice: APIClient, hand_in: HandIn
) -> None:
    locked = hand_in(as_alice, kind="clean")
    assert (locked.status_code, locked.json()["code"]) == (409, "locked")
    assert locked.json()["detail"] == "clean is locked: it opens when ingest has passed."
    unknown = hand_in(as_alice, kind="cleaning")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-milestone")
    assert unknown.json()["detail"].endswith("there are ingest, clean.")
    assert Submission.objects.count() == 0


def test_a_passed_ingest_opens_clean(
    as_alice: APIClient, hand_in: HandIn, conclude: Conclude, passed_ingest: Verdict
) -> None:
    hand_in(as_alice)
    assert hand_in(as_alice, kind="clean").status_code == 409
    conclude(Run.objects.get(), passed_ingest)
    assert hand_in(as_alice, kind="clean").status_code == 201


def test_who_is_not_enrolled_cannot_hand_in(api: Api, charlie: User, tiny: Project, hand_in: HandIn) -> None:
    answer = hand_in(api(charlie))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-enrolled")


def test_the_verdict_is_told_with_its_chain_and_checks_in_a_fixed_number_of_queries(
    as_alice: APIClient,
    hand_in: HandIn,
    conclude: Conclude,
    passed_ingest: Verdict,
    failed_clean: Verdict,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    hand_in(as_alice)
    conclude(Run.objects.get(), passed_ingest)
    url = hand_in(as_alice, kind="clean").json()["url"]
    conclude(Run.objects.get(submission__number=2), failed_clean)
    with django_assert_num_queries(8):
        run = as_alice.get(url).json()["run"]
    assert (run["state"], run["outcome"], run["sentence"]) == ("done", "failed", failed_clean.sentence)
    assert [(link["kind"], link["outcome"]) for link in run["chain"]] == [("ingest", "passed"), ("clean", "failed")]
    first, second = run["chain"][1]["checks"]
    assert (first["answer"], first["expected"], first["found"]) == ("failed", "4 numbers", "5 numbers")
    assert first["details"] == [{"kind": "double", "missed": "1 of 1"}]
    assert second["answer"] == "not asked"
    assert run["chain"][1]["memory_mb"] == 64
    assert run["digests"] == {"tree": "a" * 64}


def test_own_submissions_are_listed_newest_first_in_a_fixed_number_of_queries(
    as_alice: APIClient, api: Api, bob: User, hand_in: HandIn, django_assert_num_queries: Callable[[int], object]
) -> None:
    hand_in(as_alice)
    with django_assert_num_queries(4):
        assert as_alice.get("/api/submissions").json()["count"] == 1
    hand_in(as_alice)
    hand_in(as_alice)
    with django_assert_num_queries(4):
        listed = as_alice.get("/api/submissions?project=tiny&limit=2").json()
    assert [told["number"] for told in listed["results"]] == [3, 2]
    assert as_alice.get("/api/submissions?project=other").json()["count"] == 0
    assert api(bob).get("/api/submissions").json()["count"] == 0


def test_a_watching_client_is_told_only_what_is_new(
    as_alice: APIClient,
    api: Api,
    bob: User,
    hand_in: HandIn,
    conclude: Conclude,
    passed_ingest: Verdict,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    as_bob = api(bob)
    as_bob.post("/api/projects/tiny/enrolment")
    hand_in(as_bob)
    events = hand_in(as_alice).json()["events"]
    with django_assert_num_queries(6):
        waiting = as_alice.get(events).json()
    assert waiting == {"state": "queued", "outcome": "", "waiting_before": 1, "events": []}
    conclude(Run.objects.get(submission__enrolment__user__username="alice"), passed_ingest)
    done = as_alice.get(events).json()
    assert (done["state"], done["outcome"], done["waiting_before"]) == ("done", "passed", 0)
    [event] = done["events"]
    assert (event["milestone"], event["text"]) == ("ingest", "running your code")
    assert as_alice.get(f"{events}?after={event['id']}").json()["events"] == []
    wrong = as_alice.get(f"{events}?after=yesterday")
    assert (wrong.status_code, wrong.json()["field"]) == (400, "after")


def test_somebody_elses_submission_does_not_exist(as_alice: APIClient, api: Api, bob: User, hand_in: HandIn) -> None:
    told = hand_in(as_alice).json()
    for url in (told["url"], told["events"]):
        assert as_alice.get(url).status_code == 200
        answer = api(bob).get(url)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert Client().get(url).status_code == 401


@pytest.mark.parametrize("number", ["0", "99", "9" * 25])
def test_a_number_that_nobody_has_is_not_found(as_alice: APIClient, number: str) -> None:
    assert as_alice.get(f"/api/submissions/{number}").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"), [("limit=-1", "limit"), ("limit=0", "limit"), ("offset=x", "offset"), ("offset=1.5", "offset")]
)
def test_a_page_that_is_no_number_is_refused_by_its_name(as_alice: APIClient, query: str, field: str) -> None:
    answer = as_alice.get(f"/api/submissions?{query}")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "bad-number", field)
    assert "leave it out" in answer.json()["remedy"]


@pytest.mark.parametrize("query", ["", "limit=&offset=", f"limit={'9' * 30}&offset={'9' * 5000}"])
def test_a_page_of_any_size_is_a_page(as_alice: APIClient, query: str) -> None:
    assert as_alice.get(f"/api/submissions?{query}").status_code == 200
