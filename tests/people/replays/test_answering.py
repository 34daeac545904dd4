"""A request that comes twice under one key is done once: whatever was lost, whoever was killed, and however close."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from people.accounts.models import User
from people.cohorts import api as cohorts_api
from people.cohorts.models import Cohort
from people.employers.models import Employer, Webhook
from people.learners import repositories
from people.learners.models import Enrolment, Submission
from people.replays import keeping
from people.replays.models import Replay
from people.replays.tasks import forget
from tests.people.employers.conftest import northwind
from tests.people.learners.conftest import api, enrolled

__all__ = ["api", "enrolled", "northwind"]

Send = Callable[..., Response]
COHORTS = "/api/cohorts"


@pytest.fixture
def as_alice(api: Callable[[User], APIClient], enrolled: Enrolment) -> APIClient:
    client = api(enrolled.user)
    client.raise_request_exception = False
    return client


@pytest.fixture
def hand_in(as_alice: APIClient, zip_of: Callable[[dict[str, str]], bytes]) -> Send:
    # A zip holds the time at which it was packed.
    packed = {text: zip_of({"main.py": text}) for text in ("print(5)", "print(6)")}

    def send(key: str = "first", text: str = "print(5)", kind: str = "ingest") -> Response:
        tree = SimpleUploadedFile("tree.zip", packed[text])
        address = f"/api/projects/tiny/milestones/{kind}/submissions"
        return as_alice.post(address, {"tree": tree}, format="multipart", headers={"Idempotency-Key": key})

    return send


@pytest.fixture
def found_cohort(api: Callable[[User], APIClient], dana: User, settings: Any) -> Send:
    settings.MILEPOST_OPEN_COHORTS = True
    client = api(dana)
    client.raise_request_exception = False

    def send(key: str = "first", title: str = "Autumn") -> Response:
        return client.post(COHORTS, {"title": title}, format="json", headers={"Idempotency-Key": key})

    return send


def told(answer: Response) -> tuple[int, Any, str | None]:
    return answer.status_code, answer.json(), answer.headers.get("Location")


def test_the_same_again_is_the_same_answer_and_one_submission(hand_in: Send, as_alice: APIClient) -> None:
    first = hand_in()
    again = hand_in()
    assert first.status_code == 201
    assert told(again) == told(first)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert Submission.objects.count() == 1
    assert hand_in("second", "print(6)").json()["number"] == 2
    listed = as_alice.get("/api/submissions").json()["results"]
    assert [one["number"] for one in listed] == [2, 1]


def test_the_key_of_another_request_is_refused_and_nothing_is_done(hand_in: Send) -> None:
    hand_in()
    for other in (hand_in(text="print(6)"), hand_in(kind="clean")):
        problem = other.json()
        assert (other.status_code, problem["code"], problem["field"]) == (422, "key-of-another", "Idempotency-Key")
        assert "another key" in problem["remedy"]
    assert Submission.objects.count() == 1


def test_a_key_is_its_users_own(hand_in: Send, found_cohort: Send) -> None:
    assert [hand_in().status_code, found_cohort().status_code] == [201, 201]


@pytest.mark.parametrize("key", ["", "two words", "ü", "k" * 201, "\x7f"])
def test_what_is_no_key_is_refused(key: str, found_cohort: Send) -> None:
    answer = found_cohort(key)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    assert not Cohort.objects.exists()


def test_who_comes_while_the_first_is_at_work_is_asked_to_wait(
    found_cohort: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: list[Response] = []
    found = cohorts_api.found

    def found_slowly(*given: Any) -> Any:
        meanwhile.append(found_cohort())
        return found(*given)

    monkeypatch.setattr(cohorts_api, "found", found_slowly)
    assert found_cohort().status_code == 201
    [second] = meanwhile
    assert (second.status_code, second.json()["code"]) == (409, "key-in-use")
    assert (second.headers["Retry-After"], second.json()["remedy"]) == ("2", "Try again in 2 seconds.")
    assert Cohort.objects.count() == 1


def test_a_refusal_leaves_the_key_free(found_cohort: Send) -> None:
    assert found_cohort(title="").status_code == 400
    assert not Replay.objects.exists()
    assert found_cohort(title="Winter").status_code == 201


def test_a_fault_of_ours_leaves_nothing_and_the_key_free(found_cohort: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(cohorts_api.LedCohortSerializer, "data", property(lambda _self: 1 / 0))
        assert found_cohort().status_code == 500
    # What was made before the fault was undone with it.
    assert not Cohort.objects.exists()
    assert found_cohort().status_code == 201


def test_killed_after_the_commit_and_before_the_answer_the_submission_is_told(
    hand_in: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_given: object) -> None:
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(repositories, "tidy", die)
        killed.setattr("people.replays.answering.release", lambda _replay: None)
        with pytest.raises(SystemExit):
            hand_in()
    again = hand_in()
    assert (again.status_code, again.json()["number"], Submission.objects.count()) == (201, 1, 1)
    assert again.json()["url"] == again.headers["Location"]


def test_killed_before_the_commit_the_work_is_taken_over_once_the_lease_has_ended(
    hand_in: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_given: object) -> None:
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(repositories, "write_commit", die)
        killed.setattr("people.replays.answering.release", lambda _replay: None)
        with pytest.raises(SystemExit):
            hand_in()
    assert (hand_in().status_code, Submission.objects.count()) == (409, 0)
    Replay.objects.update(claimed_at=timezone.now() - keeping.LEASE)
    assert (hand_in().status_code, hand_in().status_code, Submission.objects.count()) == (201, 201, 1)


def test_who_was_too_slow_to_be_alive_has_their_work_undone(
    found_cohort: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = cohorts_api.found

    def found_too_slowly(*given: Any) -> Any:
        Replay.objects.update(claimed_at=timezone.now())
        return found(*given)

    monkeypatch.setattr(cohorts_api, "found", found_too_slowly)
    assert found_cohort().json()["code"] == "key-in-use"
    assert not Cohort.objects.exists()


def test_after_a_day_a_key_is_forgotten(found_cohort: Send) -> None:
    found_cohort()
    found_cohort("another", "Winter")
    yesterday = timezone.now() - keeping.KEPT_FOR - timedelta(seconds=1)
    Replay.objects.filter(key="first").update(made_at=yesterday)
    # Before beat has come round, too.
    assert "Idempotency-Replayed" not in found_cohort("first", "Spring").headers
    Replay.objects.filter(key="first").update(made_at=yesterday)
    assert forget() == 1
    assert [one.key for one in Replay.objects.all()] == ["another"]


def test_a_secret_that_is_shown_once_stands_in_no_row(
    northwind: Employer, erin: User, api: Callable[[User], APIClient], settings: Any
) -> None:
    settings.HOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    client = api(erin)
    sent = {"address": "https://127.0.0.1/hook", "events": ["candidate.kept"]}
    address = f"/api/employers/{northwind.slug}/webhooks"
    first, again = (client.post(address, sent, "json", headers={"Idempotency-Key": "one"}) for _turn in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == again.json()
    assert Webhook.objects.count() == 1
    row = json.dumps(list(Replay.objects.values()), default=str)
    assert first.json()["secret"] not in row
    # With another secret of the server's nothing can be told again, and nothing is done again.
    settings.SECRET_KEY = "another"
    assert client.post(address, sent, "json", headers={"Idempotency-Key": "one"}).status_code in (401, 409)
    assert Webhook.objects.count() == 1
