"""What browsers are told with every answer of every address, and that callers cannot talk us into other places."""

from collections.abc import Iterator
from http.cookies import Morsel
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from people.accounts.models import User
from tests.config.test_matrix import DOORS, House, house, undoing

__all__ = ["house"]
# Framed by the platform that launches, which is named in its policy instead.
FRAMED = {"frontend:lti_login", "frontend:lti_launch"}
# Shown on pages of others.
ELSEWHERE = {"frontend:credential_picture"}
# What browsers show, and never as markup; the API's description is the server's own.
SHOWN = ("text/html", "text/plain", "text/calendar", "application/vnd.oai.openapi")
MARKUP = "<svg onload=alert(1)>"
PASSWORD = "a long password"


@pytest.mark.slow
def test_every_answer_of_every_address_says_what_a_browser_may_do_with_it_and_who_may_keep_it(house: House) -> None:
    """With markup that a learner wrote into a name of their own, on every page that anybody is shown."""
    User.objects.update(first_name=MARKUP)
    kinds: set[str] = set()
    escaped: set[str] = set()
    for name, who, answer in ask_everywhere(house):
        kind = answer.headers.get("Content-Type", "text/html").partition(";")[0]
        kinds.add(kind)
        faults = [*find_unsaid(name, kind, answer), *find_keepable(name, answer)]
        assert (name, who, faults) == (name, who, [])
        if kind == "text/html":
            body = b"".join(answer).decode()  # type: ignore[arg-type]
            assert (name, who, MARKUP in body) == (name, who, False)
            escaped |= {name} if escape(MARKUP) in body else set()
    assert {"text/html", "application/zip", "image/svg+xml", "application/json", "text/csv"} <= kinds
    assert len(escaped) > 5


def find_unsaid(name: str, kind: str, answer: HttpResponseBase) -> list[str]:
    """What a browser is not told of this answer."""
    told = answer.headers
    policy = told["Content-Security-Policy"]
    framed, elsewhere = name in FRAMED, name in ELSEWHERE or "Access-Control-Allow-Origin" in told
    is_shown = kind in SHOWN or kind.endswith("json")
    holds = {
        "no inline script": "unsafe" not in policy,
        "its type as it is said": told["X-Content-Type-Options"] == "nosniff",
        "no address to others": told["Referrer-Policy"] in ("same-origin", "no-referrer"),
        "its own window": told["Cross-Origin-Opener-Policy"] == "same-origin",
        "no frame": framed or (told["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in policy),
        "no other site": elsewhere or told["Cross-Origin-Resource-Policy"] == "same-origin",
        "inert": kind == "text/html" or policy == "sandbox; default-src 'none'; frame-ancestors 'none'",
        "a download": is_shown or told["Content-Disposition"].startswith("attachment"),
    }
    return [sentence for sentence, held in holds.items() if not held]


def find_keepable(name: str, answer: HttpResponseBase) -> list[str]:
    """How an answer that depends on who asks could be had by somebody else."""
    kept = answer.headers.get("Cache-Control", "")
    is_public = "Access-Control-Allow-Origin" in answer.headers or name == "frontend:lti_keys"
    if is_public or "Cookie" not in answer.headers.get("Vary", ""):
        return []
    return [] if ("no-store" in kept or "no-cache" in kept) and "public" not in kept else [f"kept: {kept}"]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "localhost, evil"]
)
def test_another_host_is_not_answered(host: str, db: None) -> None:
    for path in ("/", "/accounts/login/", "/accounts/password/reset/", "/api/schema", "/healthz"):
        answer = Client(raise_request_exception=False).get(path, headers={"host": host})
        assert answer.status_code in (400, 200)
        assert b"evil" not in answer.content
        assert answer.status_code == 400 or path == "/healthz"


def test_a_forwarded_host_is_not_believed(alice: User, db: None, mailoutbox: list[Any]) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    Client().post(
        "/accounts/password/reset/",
        {"email": "alice@example.org"},
        headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    )
    [letter] = mailoutbox
    assert "evil.example" not in letter.body
    assert "/accounts/password/reset/key/" in letter.body


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "http:evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(place: str, alice: User) -> None:
    browser = Client()
    said = {"login": alice.username, "password": PASSWORD, "next": place}
    landed = browser.post("/accounts/login/", said)
    assert landed.status_code == 302
    assert landed["Location"] == reverse("frontend:home")
    for path in ("/language/", "/accounts/logout/"):
        told = browser.post(path, {"language": "de", "next": place})["Location"]
        assert told.startswith("/")
        assert "evil" not in told


def test_cookies_are_kept_from_scripts_other_sites_and_the_open_network(settings: Any, alice: User) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True
    browser = Client()
    assert browser.get("/accounts/login/")["Location"].startswith("https://")
    shown = browser.get("/accounts/login/", secure=True)
    assert shown["Strict-Transport-Security"].startswith("max-age=31536000")
    browser.post("/accounts/login/", {"login": alice.username, "password": PASSWORD}, secure=True)
    browser.post("/language/", {"language": "de"}, secure=True)
    jar: dict[str, Morsel[str]] = dict(browser.cookies)
    assert {"sessionid", "csrftoken", "django_language"} <= jar.keys()
    for name, cookie in jar.items():
        assert (name, cookie["secure"], cookie["samesite"]) == (name, True, "Lax")
        assert (name, bool(cookie["httponly"])) == (name, name != "csrftoken")


def ask_everywhere(
    house: House, people: tuple[str, ...] = ("alice", "dana", "erin", "nobody")
) -> Iterator[tuple[str, str, HttpResponseBase]]:
    for name in DOORS:
        for who in people:
            with undoing():
                yield name, who, house.ask(who, name, "GET")
