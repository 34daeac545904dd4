"""Log lines: what led to each, in either format; and that nothing of a secret is in any, whoever writes it."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from config import environment
from config.environment import SettingError
from config.logs import JsonLines, Lines
from curriculum.models import Project
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.operators import masking
from people.operators.masking import mask
from people.origins import Origin, led_by

SECRETS = {
    "Authorization: Bearer mlp_9sJk2LmQ0aZx": "Authorization: Bearer mlp_…",
    "postgresql://milepost:hunter2222@db:5432/x": "postgresql://…@db:5432/x",
    "redis://:hunter2222@broker/0": "redis://…@broker/0",
    "{'password': 'hunter2222', 'name': 'x'}": "{'password': '…', 'name': 'x'}",
    "GET /verify?token=abc&page=2": "GET /verify?token=…&page=2",
    "Key (email)=(alice@example.org) already exists.": "Key (email)=(…@…) already exists.",
    "Not Found: /shared/eyJhbGciOi:1tX/": "Not Found: /shared/…/",
    "celery@host.example.org is ready, run 5 of 7": "celery@host.example.org is ready, run 5 of 7",
}


def make_record(message: str, *args: object, **more: Any) -> logging.LogRecord:
    record = logging.LogRecord(
        "people.somewhere", logging.WARNING, __file__, 1, message, args, more.pop("exc_info", None)
    )
    vars(record).update(more)
    return record


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_are_masked(text: str) -> None:
    assert mask(text) == SECRETS[text]


def test_this_installations_own_secrets_are_masked_wherever_they_stand(settings: Any) -> None:
    masking._list_secrets.cache_clear()
    settings.METRICS_TOKEN = "planted-metrics"
    told = mask(f"tried {settings.SECRET_KEY} and {settings.WORLD_SECRET}, then planted-metrics")
    masking._list_secrets.cache_clear()
    assert told == "tried … and …, then …"


def test_a_line_of_json_has_what_led_to_it_and_what_went_wrong() -> None:
    try:
        raise ValueError("no mlp_9sJk2LmQ0aZx\nhere")
    except ValueError:
        record = make_record('said "%s"', "so\nit is", exc_info=sys.exc_info())
    with led_by(Origin("req-00000001", 5, "task-1", {"run": 7})):
        line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told.pop("exception").endswith("ValueError: no mlp_…\nhere")
    assert told == {
        "level": "warning",
        "logger": "people.somewhere",
        "message": 'said "so\nit is"',
        "request": "req-00000001",
        "user": 5,
        "task": "task-1",
        "run": 7,
    }


def test_a_line_for_people_cannot_be_forged_by_what_it_quotes() -> None:
    with led_by(Origin("req-00000001", rows={"run": 7})):
        line = Lines().format(make_record("said %s", "x\n2026-11-28T09:00:00Z ERROR root: all is lost\x1b[31m"))
    first, second = line.splitlines()
    assert first.endswith(" WARNING people.somewhere [request=req-00000001 run=7]: said x")
    assert second == "    2026-11-28T09:00:00Z ERROR root: all is lost?[31m"
    assert Lines().format(make_record("nobody asked")).endswith(" WARNING people.somewhere: nobody asked")


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def kept() -> Iterator[list[dict[str, Any]]]:
    """Every line that anything logs meanwhile, as a machine would read it."""
    handler, root = Kept(), logging.getLogger()
    root.addHandler(handler)
    before, level = root.level, logging.DEBUG
    root.setLevel(level)
    yield handler.lines
    root.setLevel(before)
    root.removeHandler(handler)


def test_what_people_enter_and_carry_is_in_no_log(
    alice: User, tiny: Project, rings: list[object], kept: list[dict[str, Any]]
) -> None:
    """Alice signs up, signs in wrongly, loses her password, uses a token, and follows links that are wrong."""
    browser, token = Client(), issue_token(alice, "laptop")
    planted = ["planted-password-1", "planted@example.org", token, "planted-link-of-hers-7", "planted-in-a-query"]
    form = {"username": "zoe", "email": planted[1], "password1": planted[0], "password2": planted[0]}
    browser.post("/accounts/signup/", form)
    browser.logout()
    browser.post("/accounts/login/", {"login": planted[1], "password": planted[0] + "x"})
    browser.post("/accounts/password/reset/", {"email": planted[1]})
    assert mail.outbox
    browser.post("/api/tokens", {"username": "zoe", "password": planted[0]}, content_type="application/json")
    for path in ("/shared/{}/", "/join/{}/", "/calendar/{}.ics", "/mails/{}/", "/reminders/{}/", "/lti/open/{}/"):
        browser.get(path.format(planted[3]))
    browser.get("/api/enrolments", {"token": planted[4]}, headers={"Authorization": f"Bearer {token}"})
    browser.get("/api/enrolments", headers={"Authorization": "Bearer mlp_planted-wrong-token"})
    browser.get("/no/such/place/", {"password": planted[4]})
    assert len(kept) > 12
    written = json.dumps(kept)
    assert not [secret for secret in (*planted, "mlp_planted") if secret in written]


def test_a_request_is_told_by_the_name_of_its_address_with_who_asked(
    alice: User, tiny: Project, log_in: Callable[[User], Client], kept: list[dict[str, Any]]
) -> None:
    answer = log_in(alice).get("/projects/tiny/")
    [line] = [line for line in kept if line["logger"] == "people.operators.requests"]
    assert line["message"].startswith("GET frontend:project: 200 after ")
    assert (line["user"], line["request"]) == (alice.pk, answer["X-Request-ID"])
    assert "alice" not in json.dumps(line)
    token = issue_token(alice, "laptop")
    Client().get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert kept[-1]["user"] == alice.pk


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [(1, "from-the-proxy-17", True), (0, "from-anybody-17", False), (1, "x\nforged: 1", False), (1, "short", False)],
)
def test_the_name_of_a_request_is_taken_from_a_trusted_proxy_alone(
    settings: Any, db: None, proxies: int, given: str, is_taken: bool
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    named = Client().get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (named == given) == is_taken
    assert len(named) >= 8


def test_a_wrong_format_stops_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_LOG_FORMAT", "xml")
    with pytest.raises(SettingError, match="MILEPOST_LOG_FORMAT is 'xml'; say one of text, json"):
        environment.read_choice("MILEPOST_LOG_FORMAT", "text", ("text", "json"))
