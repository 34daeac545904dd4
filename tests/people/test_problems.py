"""Every no of the API is a problem document: what is wrong, what of the request, a word for programs, and a way out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpResponseBase
from django.test import Client

from people.accounts import api as accounts
from people.accounts.models import User
from people.problems import MEDIA_TYPE, describe, tell_too_large

JSON = "application/json"
Ask = Callable[[Client], HttpResponseBase]
TOKENS = "/api/tokens"
ROWS: dict[str, tuple[int, str, str | None, str | None, Ask]] = {
    # status, code, field, a header that must be there, what is asked
    "a field is missing": (400, "required", "username", None, lambda who: who.post(TOKENS, {}, JSON)),
    "a number for a text": (400, "invalid", "username", None, lambda who: who.post(TOKENS, {"username": 7}, JSON)),
    "no JSON": (400, "parse-error", "body", None, lambda who: who.post(TOKENS, "{", JSON)),
    "no object": (400, "invalid", None, None, lambda who: who.post(TOKENS, "[1]", JSON)),
    "a host that we are not": (400, "invalid", None, None, lambda who: who.get("/api/me", headers={"Host": "evil"})),
    "a page that is no number": (400, "bad-number", "limit", None, lambda who: who.get("/api/projects?limit=x")),
    "a filter of no use": (400, "invalid", "archived", None, lambda who: who.get("/api/cohorts?archived=perhaps")),
    "nobody": (401, "not-authenticated", "Authorization", "WWW-Authenticate", lambda _who: Client().get("/api/me")),
    "a token that is none": (
        401,
        "bad-token",
        "Authorization",
        "WWW-Authenticate",
        lambda _who: Client().get("/api/me", headers={"Authorization": "Bearer mlp_x"}),
    ),
    "nothing there": (404, "not-found", None, None, lambda who: who.get("/api/nowhere")),
    "nothing of yours there": (404, "not-found", "submission", None, lambda who: who.get("/api/submissions/99")),
    "a method that is none": (405, "method-not-allowed", "method", "Allow", lambda who: who.put("/api/me")),
    "what we do not speak": (
        406,
        "not-acceptable",
        "Accept",
        None,
        lambda who: who.get("/api/me", headers={"Accept": "text/csv"}),
    ),
    "what we do not read": (
        415,
        "unsupported-media-type",
        "Content-Type",
        None,
        lambda who: who.post(TOKENS, "x", "text/plain"),
    ),
}


def check(answer: Any, status: int, code: str, field: str | None, header: str | None) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["status"], told["code"], told.get("field")) == (status, status, code, field)
    assert answer["Content-Type"] == MEDIA_TYPE
    for name in ("type", "title", "detail", "remedy"):
        assert told[name], name
    assert header is None or answer[header]
    return told


@pytest.mark.parametrize("row", ROWS)
def test_each_no_says_what_which_and_what_to_do(row: str, alice: User, log_in: Callable[[User], Client]) -> None:
    cache.clear()
    *expected, ask = ROWS[row]
    check(ask(log_in(alice)), *expected)


def test_a_cookie_without_the_token_of_a_form_may_not(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    check(browser.post("/api/employers", {"title": "Acme"}, JSON), 403, "permission-denied", None, None)


def test_what_is_too_large_is_refused_in_either_place(
    alice: User, log_in: Callable[[User], Client], settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    check(log_in(alice).post(TOKENS, {"username": "x" * 99}, JSON), 413, "too-large", None, None)
    told = tell_too_large("/api/me")
    assert told is not None
    assert (told[0], b'"too-large"' in told[1], b'"remedy"' in told[1]) == (MEDIA_TYPE, True, True)
    assert tell_too_large("/git/alice/tiny.git/info/refs") is None


def test_who_asks_too_often_is_told_how_long_to_wait(client: Client, db: None) -> None:
    cache.clear()
    answers = [client.post(TOKENS, {"username": "a", "password": "b"}, JSON) for _turn in range(11)]
    told = check(answers[-1], 429, "throttled", None, "Retry-After")
    assert answers[-1]["Retry-After"] in told["remedy"]
    cache.clear()


@pytest.mark.parametrize(
    ("raised", "status", "code", "header"),
    [
        (ZeroDivisionError("the inner secret"), 500, "fault", None),
        (OperationalError("host=db"), 503, "unavailable", "Retry-After"),
    ],
)
def test_a_fault_of_ours_says_nothing_of_what_is_inside(
    alice: User,
    log_in: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
    raised: Any,
    status: int,
    code: str,
    header: str | None,
) -> None:
    def fail(*_given: object) -> None:
        raise raised

    monkeypatch.setattr(accounts.MeView, "get", fail)
    browser = log_in(alice)
    browser.raise_request_exception = False
    answer = browser.get("/api/me")
    check(answer, status, code, None, header)
    assert str(raised) not in answer.content.decode()


def test_people_get_pages(client: Client, db: None) -> None:
    for answer in (client.get("/nowhere/"), client.get("/", headers={"Host": "evil"})):
        assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429, 500, 503])
def test_no_refusal_is_without_a_remedy_even_where_nobody_thought_of_one(status: int) -> None:
    assert describe(status, "never-heard-of", "No.")["remedy"]
