"""Who comes in, and how everybody else is told no."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from curriculum.models import Project
from people.accounts.models import AccessToken, User


@pytest.fixture(autouse=True)
def _nobody_was_here_before() -> None:
    cache.clear()


def test_a_token_says_who_you_are_and_without_one_you_are_told_how_to_get_one(
    api: Callable[[User], APIClient], alice: User
) -> None:
    assert api(alice).get("/api/me").json() == {"username": "alice", "name": "Alice"}
    answer = APIClient().get("/api/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="milepost"'
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["title"]) == (401, "not-authenticated", "Unauthorized")
    assert "account page" in problem["remedy"]


@pytest.mark.parametrize("header", ["Bearer mlp_wrong", "Bearer", "Bearer two words", "Bearer \xff\xfe"])
def test_a_wrong_token_is_401(header: str, db: None) -> None:
    answer = Client().get("/api/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad-token"


def test_a_token_ends_when_it_expires_and_when_its_owner_is_shut_out(
    api: Callable[[User], APIClient], alice: User, bob: User
) -> None:
    as_alice, as_bob = api(alice), api(bob)
    assert as_alice.get("/api/me").status_code == as_bob.get("/api/me").status_code == 200
    AccessToken.objects.filter(user=alice).update(expires_at=timezone.now() - timedelta(seconds=1))
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert as_alice.get("/api/me").status_code == as_bob.get("/api/me").status_code == 401


def test_a_password_buys_a_token_and_a_wrong_one_does_not(alice: User) -> None:
    asked = {"username": "alice", "password": "a long password", "name": "laptop"}
    made = APIClient().post("/api/tokens", asked)
    assert made.status_code == 201
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {made.json()['token']}")
    assert client.get("/api/me").json()["username"] == "alice"
    assert AccessToken.objects.get().name == "laptop"
    refused = APIClient().post("/api/tokens", {**asked, "password": "a wrong password"})
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong-credentials")
    assert AccessToken.objects.count() == 1


def test_what_is_missing_is_named(db: None) -> None:
    answer = APIClient().post("/api/tokens", {"username": "alice"})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "required", "password")


def test_passwords_are_not_guessed_at_speed_whatever_address_is_claimed(alice: User) -> None:
    asked = {"username": "alice", "password": "a wrong password"}
    answers = [
        APIClient().post("/api/tokens", asked, headers={"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 6
    assert answers[-1].json()["code"] == "throttled"
    assert answers[-1].json()["remedy"] == f"Try again in {answers[-1]['Retry-After']} seconds."


def test_an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(db: None) -> None:
    for address in ("/api/nowhere", "/api/submissions/-7.04e-257", "/api/projects/no%20slug"):
        answer = Client().get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["code"] == "not-found"
    assert Client().get("/nowhere")["Content-Type"].startswith("text/html")


def test_wrong_methods_and_wrong_bodies_are_problems(
    api: Callable[[User], APIClient], alice: User, tiny: Project
) -> None:
    client = api(alice)
    client.post("/api/projects/tiny/enrolment")
    wrong_method = client.delete("/api/me")
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, "method-not-allowed")
    wrong_body = client.post("/api/projects/tiny/milestones/ingest/submissions", {"tree": "x"}, format="json")
    assert (wrong_body.status_code, wrong_body.json()["code"]) == (415, "unsupported-media-type")
    no_json = client.post("/api/tokens", "{", content_type="application/json")
    assert (no_json.status_code, no_json.json()["code"]) == (400, "parse-error")


def test_a_browser_session_needs_the_form_token(alice: User, tiny: Project) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.get("/api/me").status_code == 200
    assert browser.post("/api/projects/tiny/enrolment").status_code == 403
