"""How often somebody may: at every door the same answer, 429 with Retry-After and a sentence."""

import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from config.caches import parse_cache_url
from config.environment import SettingError
from curriculum.models import Project
from people.accounts.door import DoorKeeper
from people.accounts.models import User
from people.learners import intake
from people.learners.refusals import Refusal
from people.rates import find_address, take_turn

ROOT = Path(__file__).resolve().parents[3]


def is_too_often(answer: HttpResponse) -> bool:
    if answer.status_code != 429:
        return False
    assert int(answer["Retry-After"]) > 0
    return True


def count_until(ask: Callable[[], HttpResponse], most: int) -> int:
    """How many are answered before one is too often; all of them, if none is."""
    for number in range(most):
        if is_too_often(ask()):
            return number
    return most


def test_passwords_are_not_guessed_at_speed_on_the_page_and_by_the_api_together(alice: User) -> None:
    wrong = {"login": "alice", "password": "a wrong password"}
    assert count_until(lambda: Client().post("/accounts/login/", wrong), 9) == 5
    page = Client().post("/accounts/login/", {**wrong, "password": "a long password"})
    assert "we wait 5 minutes" in page.content.decode()
    program = APIClient().post("/api/tokens", {"username": "ALICE", "password": "a long password"})
    assert (program.status_code, program.json()["code"], program["Retry-After"]) == (429, "throttled", "300")
    # Nobody else is shut out by it.
    assert Client().post("/accounts/login/", {**wrong, "login": "bob"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "sent", "most"),
    [
        ("/accounts/signup/", {"username": ""}, 20),
        ("/accounts/password/reset/", {"email": "somebody@example.org"}, 5),
        ("/accounts/login/", {"login": "", "password": ""}, 30),
    ],
)
def test_the_other_doors_have_a_limit_too(db: None, address: str, sent: dict[str, str], most: int) -> None:
    assert count_until(lambda: Client().post(address, sent), 40) == most


def test_verifying_counts_pages_and_programs_together(db: None) -> None:
    assert count_until(lambda: APIClient().post("/api/verify", {"text": "x"}), 12) == 12
    assert count_until(lambda: Client().post("/verify/", {"text": "x"}), 12) == 8


def test_one_person_hands_in_no_faster_than_a_person_does(
    alice: User,
    bob: User,
    tiny: Project,
    rings: list[object],
    zip_of: Callable[[dict[str, str]], bytes],
    log_in: Callable[[User], Client],
    settings: object,
) -> None:
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["submit"] = "3/min"  # type: ignore[attr-defined]
    settings.MILEPOST_SUBMITS_PER_MINUTE = 3  # type: ignore[attr-defined]
    enrolment = intake.enrol(alice, tiny)
    intake.enrol(bob, tiny)

    def send(client: Client | APIClient, address: str, number: int, field: str = "tree") -> HttpResponse:
        upload = BytesIO(zip_of({"main.py": str(number)}))
        upload.name = "work.zip"
        return client.post(address, {field: upload})

    program = APIClient()
    program.force_authenticate(alice)
    address = "/api/projects/tiny/milestones/ingest/submissions"
    assert [send(program, address, number).status_code for number in range(3)] == [201] * 3
    refused = send(program, address, 4)
    assert is_too_often(refused)
    assert refused.json()["detail"] == "You handed in more often than 3 times in a minute."
    page = send(log_in(alice), "/projects/tiny/milestones/ingest/submit/", 5, "archive")
    assert is_too_often(page)
    with pytest.raises(Refusal, match="more often than 3"):
        intake.submit_saved(enrolment, "ingest")
    assert enrolment.submissions.count() == 3
    assert take_turn("submit", str(bob.pk)) == 0
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["submit"] = None  # type: ignore[attr-defined]
    assert send(program, address, 6).status_code == 201


@pytest.mark.parametrize(("proxies", "found"), [(0, "10.0.0.9"), (1, "3.3.3.3"), (2, "2.2.2.2"), (9, "1.1.1.1")])
def test_the_api_and_the_pages_find_the_same_address(monkeypatch: pytest.MonkeyPatch, proxies: int, found: str) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies)
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": "1.1.1.1,2.2.2.2, 3.3.3.3"})
    assert find_address(request) == DoorKeeper().get_client_ip(request) == found


def test_a_cache_that_does_not_answer_turns_nobody_away(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = RedisCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.cache", dead)
    assert take_turn("submit", "7") == 0


def test_a_cache_is_chosen_by_its_address() -> None:
    assert parse_cache_url("locmem://")["BACKEND"].endswith("LocMemCache")
    assert parse_cache_url("database://cache")["LOCATION"] == "cache"
    for wrong in ("memcached://host", "redis:", "database://", "cache"):
        with pytest.raises(SettingError, match=r"CACHE_URL .*; say locmem://"):
            parse_cache_url(wrong)


COUNT = """
import django
django.setup()
from people.rates import take_turn
print([take_turn("verify", "accounts-test") > 0 for _ in range(11)].count(True))
"""


@pytest.mark.services
def test_several_processes_count_in_one_redis() -> None:
    url = "redis://127.0.0.1:6379/11"
    shared = RedisCache(url, {"KEY_PREFIX": "milepost"})
    shared.delete("throttle_verify_accounts-test", version=1)
    told = {**os.environ, "CACHE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def count() -> int:
        ran = subprocess.run([sys.executable, "-c", COUNT], env=told, cwd=ROOT, capture_output=True, check=True)
        return int(ran.stdout)

    try:
        # Twenty in a minute: the second process is refused two of its eleven.
        assert [count(), count()] == [0, 2]
    finally:
        shared.delete("throttle_verify_accounts-test", version=1)
    assert caches["default"].__class__.__name__ == "LocMemCache"
