"""Webhooks, from the API to a receiver on loopback that checks signatures with a library we did not write."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db.models import F
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from people.accounts.models import User
from people.employers import delivering, hooks, tasks
from people.employers.models import Attempt, Delivery, Disclosure, Employer, EmployerLine, Event, Post, Webhook
from people.outgoing import GuardedSession
from people.turns import LONGEST_WAIT
from tests.people.employers.receiver import Receiver, serve

LogIn = Callable[[User], Client]
ADDRESS = "/api/employers/northwind/webhooks"
DATA = {"candidate": 7, "address": "http://localhost:8000/employers/northwind/candidates/7/"}


@pytest.fixture
def ats(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    settings.HOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(tasks.tell_one, "delay", tasks.tell_one)
    with serve() as receiver:
        yield receiver


@pytest.fixture
def northwind(erin: User) -> Employer:
    employer = Employer.objects.create(slug="northwind", title="Northwind Payments")
    Post.objects.create(employer=employer, user=erin, role="owner")
    return employer


@pytest.fixture
def browser(northwind: Employer, erin: User, log_in: LogIn) -> Client:
    return log_in(erin)


def send(browser: Client, method: str, path: str, **told: Any) -> Any:
    return getattr(browser, method)(path, told, content_type="application/json")


def add(browser: Client, ats: Receiver, *events: str) -> dict[str, Any]:
    made = send(browser, "post", ADDRESS, address=ats.address, events=events or [Event.KEPT])
    assert made.status_code == 201, made.content
    told: dict[str, Any] = made.json()
    return told


def wait_out() -> None:
    """All that waits for its next try is due."""
    Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def read_log(browser: Client, hook: int, **wish: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get(f"{ADDRESS}/{hook}/deliveries", wish).json()["results"]
    return found


def test_what_happened_is_told_once_signed_and_logged(browser: Client, ats: Receiver, northwind: Employer) -> None:
    made = add(browser, ats)
    hooks.announce(northwind, Event.KEPT, DATA)
    hooks.announce(northwind, Event.ENDED, DATA)
    tasks.tell()
    tasks.tell()
    [(headers, body)] = ats.got
    told = Verifier(made["secret"]).verify(body, headers)
    assert (told["type"], told["data"]) == ("candidate.kept", DATA)
    [logged] = read_log(browser, made["id"], state="delivered")
    assert logged["event_id"] == headers["webhook-id"]
    assert [(one["status"], one["text"]) for one in logged["attempts"]] == [(204, "Taken.")]
    assert (logged["body"], read_log(browser, made["id"], state="waiting")) == (body, [])


def test_what_was_changed_or_is_old_is_not_believed(browser: Client, ats: Receiver, northwind: Employer) -> None:
    verifier = Verifier(add(browser, ats)["secret"])
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tell()
    [(headers, body)] = ats.got
    with pytest.raises(WebhookVerificationError):
        verifier.verify(body.replace("7", "8"), headers)
    with pytest.raises(WebhookVerificationError):
        verifier.verify(body, {**headers, "webhook-id": "msg_other"})
    with pytest.raises(WebhookVerificationError):
        verifier.verify(body, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 3600)})


def test_a_fault_is_tried_again_with_growing_waits_and_then_given_up(
    browser: Client, ats: Receiver, northwind: Employer
) -> None:
    made = add(browser, ats)
    hooks.announce(northwind, Event.KEPT, DATA)
    ats.answers = [503] * delivering.MOST_TRIES
    waits = []
    for _ in range(delivering.MOST_TRIES):
        tasks.tell()
        assert tasks.tell_one(made["id"]) == 0
        waits.append(Delivery.objects.get().next_at - timezone.now())
        wait_out()
    assert waits[:5] == sorted(waits[:5])
    assert timedelta(minutes=1) < waits[0] < waits[4] <= LONGEST_WAIT
    [logged] = read_log(browser, made["id"], state="given-up")
    assert [one["text"] for one in logged["attempts"]][-1] == "Answered 503. Try 8, and no more by itself."
    assert len({headers["webhook-id"] for headers, _ in ats.got}) == 1
    again = f"{ADDRESS}/{made['id']}/deliveries/{logged['id']}/again"
    assert send(browser, "post", again).status_code == 202
    refused = send(browser, "post", again)
    assert (refused.status_code, refused.json()["code"]) == (409, "on-its-way")
    tasks.tell()
    assert ats.got[-1][0]["webhook-id"] == logged["event_id"]
    assert len(read_log(browser, made["id"], state="delivered")[0]["attempts"]) == 9


def test_two_secrets_sign_for_a_day_after_a_change(browser: Client, ats: Receiver, northwind: Employer) -> None:
    made = add(browser, ats)
    newer = send(browser, "post", f"{ADDRESS}/{made['id']}/secret").json()["secret"]
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tell()
    for secret in (made["secret"], newer):
        assert Verifier(secret).verify(ats.got[0][1], ats.got[0][0])["data"] == DATA
    Webhook.objects.update(rotated_at=F("rotated_at") - timedelta(days=1))
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tell()
    assert Verifier(newer).verify(ats.got[1][1], ats.got[1][0])["data"] == DATA
    with pytest.raises(WebhookVerificationError):
        Verifier(made["secret"]).verify(ats.got[1][1], ats.got[1][0])


def test_secrets_are_sealed_and_shown_once(browser: Client, ats: Receiver, northwind: Employer, settings: Any) -> None:
    made = add(browser, ats)
    assert made["secret"] not in Webhook.objects.get().sealed
    assert "whsec_" not in browser.get(f"{ADDRESS}/{made['id']}").content.decode() + str(
        EmployerLine.objects.values_list("text", "about")
    )
    hooks.announce(northwind, Event.KEPT, DATA)
    settings.SECRET_KEY = "another"
    tasks.tell()
    assert not ats.got
    assert Attempt.objects.get().text.startswith("The secret cannot be opened any more")


def test_one_that_says_gone_or_is_paused_is_told_nothing_until_it_goes_on(
    browser: Client, ats: Receiver, northwind: Employer
) -> None:
    made = add(browser, ats)
    for _ in range(3):
        hooks.announce(northwind, Event.KEPT, DATA)
    ats.answers = [410]
    tasks.tell()
    tasks.tell()
    assert len(ats.got) == 1
    assert browser.get(f"{ADDRESS}/{made['id']}").json()["paused_at"]
    refused = send(browser, "post", f"{ADDRESS}/{made['id']}/test")
    assert (refused.status_code, refused.json()["code"]) == (409, "paused")
    assert send(browser, "delete", f"{ADDRESS}/{made['id']}/pause").status_code == 204
    tasks.tell()
    assert len(ats.got) == 3
    assert send(browser, "post", f"{ADDRESS}/{made['id']}/pause").status_code == 204
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tell()
    assert len(ats.got) == 3


def test_a_test_is_sent_one_at_a_time(browser: Client, ats: Receiver) -> None:
    made = add(browser, ats)
    assert send(browser, "post", f"{ADDRESS}/{made['id']}/test").status_code == 202
    assert send(browser, "post", f"{ADDRESS}/{made['id']}/test").status_code == 409
    tasks.tell()
    assert json.loads(ats.got[0][1])["type"] == "webhook.test"
    assert send(browser, "post", f"{ADDRESS}/{made['id']}/test").status_code == 202


def test_nobody_is_followed_to_another_place(browser: Client, ats: Receiver, northwind: Employer) -> None:
    add(browser, ats)
    ats.answers, ats.move_on_to = [302], ats.address
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tell()
    assert len(ats.got) == 1
    assert Attempt.objects.get().text == "Answered 302. Try 1 of 8."


def test_what_nobody_answers_is_said_by_its_kind(browser: Client, ats: Receiver, northwind: Employer) -> None:
    add(browser, ats)
    Webhook.objects.update(address="http://127.0.0.1:1/ats?key=hidden")
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tell()
    assert Attempt.objects.get().text == "No answer: ConnectionError. Try 1 of 8."


def test_a_host_that_is_private_by_now_is_not_gone_to(
    browser: Client, ats: Receiver, northwind: Employer, settings: Any
) -> None:
    add(browser, ats)
    settings.HOOK_PRIVATE_HOSTS = []
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tell()
    assert not ats.got
    assert "is not an address that we may go to" in Attempt.objects.get().text


def test_a_name_that_leads_elsewhere_after_it_was_looked_up_is_not_spoken_to(
    ats: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("people.outgoing.is_allowed", lambda *_: True)
    with pytest.raises(requests.ConnectionError), GuardedSession([]) as session:
        session.post(ats.address, data="{}")
    assert not ats.got
    with GuardedSession(["127.0.0.1"]) as session:
        assert session.post(ats.address, data="{}").status_code == 204


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"address": "http://8.8.8.8/"}, "address"),
        ({"address": "https://10.0.0.7/"}, "address"),
        ({"address": "https://169.254.169.254/latest"}, "address"),
        ({"address": "https://[::1]/"}, "address"),
        ({"address": "https://user:word@8.8.8.8/"}, "address"),
        ({"address": "https://@8.8.8.8/"}, "address"),
        ({"address": "https://8.8.8.8/#here"}, "address"),
        ({"address": "https://8.8.8.8:port/"}, "address"),
        ({"address": "https://[8.8.8.8/"}, "address"),
        ({"address": "ftp://8.8.8.8/"}, "address"),
        ({"address": ""}, "address"),
        ({"events": []}, "events"),
        ({"events": ["candidate.hired"]}, "events"),
        ({"events": ["webhook.test"]}, "events"),
    ],
)
def test_what_cannot_be_told_is_refused_by_its_field(browser: Client, told: dict[str, Any], field: str) -> None:
    good = {"address": "https://8.8.8.8/hook", "events": [Event.KEPT]}
    refused = send(browser, "post", ADDRESS, **{**good, **told})
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert refused.json()["detail"]
    assert not Webhook.objects.exists()
    made = send(browser, "post", ADDRESS, **good)
    changed = send(browser, "put", f"{ADDRESS}/{made.json()['id']}", **{**good, **told})
    assert (changed.status_code, Webhook.objects.get().address) == (400, good["address"])


def test_owners_only_and_each_their_own(
    browser: Client, ats: Receiver, northwind: Employer, make_user: Callable[[str], User], log_in: LogIn
) -> None:
    made = add(browser, ats)
    zoe, other = make_user("zoe"), Employer.objects.create(slug="other", title="Other")
    Post.objects.create(employer=northwind, user=zoe, role="recruiter")
    Post.objects.create(employer=other, user=zoe, role="owner")
    assert log_in(zoe).get(ADDRESS).status_code == 403
    assert log_in(zoe).get(f"/api/employers/other/webhooks/{made['id']}").status_code == 404
    for _ in range(hooks.MOST - 1):
        add(browser, ats)
    full = send(browser, "post", ADDRESS, address=ats.address, events=[Event.KEPT])
    assert (full.status_code, full.json()["code"]) == (409, "too-many")
    assert send(browser, "delete", f"{ADDRESS}/{made['id']}").status_code == 204
    verbs = set(EmployerLine.objects.values_list("verb", flat=True))
    assert verbs == {"added a webhook", "removed a webhook"}


def test_an_older_turn_settles_nothing(
    browser: Client, ats: Receiver, northwind: Employer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(browser, ats)
    hooks.announce(northwind, Event.KEPT, DATA)
    post = delivering._post

    def post_while_it_is_sent_again(*given: Any) -> int:
        Delivery.objects.update(turn=F("turn") + 1, tries=0, next_at=timezone.now())
        return post(*given)

    monkeypatch.setattr(delivering, "_post", post_while_it_is_sent_again)
    tasks.tell()
    assert Delivery.objects.get().waits
    monkeypatch.setattr(delivering, "_post", post)
    tasks.tell()
    assert not Delivery.objects.get().waits
    assert len(ats.got) == 2


def test_what_was_told_is_forgotten_after_a_month(browser: Client, ats: Receiver, northwind: Employer) -> None:
    add(browser, ats)
    hooks.announce(northwind, Event.KEPT, DATA)
    tasks.tend()
    assert Delivery.objects.count() == 1
    Delivery.objects.update(made_at=timezone.now() - timedelta(days=31))
    tasks.tend()
    assert not Delivery.objects.exists()


def test_the_log_costs_as_many_queries_for_forty_as_for_two(
    browser: Client, ats: Receiver, northwind: Employer, django_assert_num_queries: Any
) -> None:
    made = add(browser, ats)
    page = f"/employers/northwind/webhooks/{made['id']}/"

    def tell(count: int) -> None:
        for _ in range(count):
            hooks.announce(northwind, Event.KEPT, DATA)
        tasks.tell()

    tell(2)
    for count, seen in ((2, 2), (20, 22)):
        with django_assert_num_queries(7):
            assert len(read_log(browser, made["id"])) == seen
        with django_assert_num_queries(7):
            assert browser.get(page).content.decode().count("candidate.kept") >= seen
        tell(count * 10)


def test_a_candidate_is_followed_from_being_kept_until_their_link_ends_and_never_named(
    browser: Client, ats: Receiver, northwind: Employer, alice: User
) -> None:
    add(browser, ats, Event.KEPT, Event.ENDED)
    links = [
        Disclosure.objects.create(user=alice, skills=["clean"], expires_at=timezone.now() + timedelta(days=day))
        for day in (1, 2)
    ]
    for link in links:
        kept = send(browser, "post", "/api/employers/northwind/candidates", link=f"/shared/{link.token}/")
        assert kept.status_code == 201, kept.content
    tasks.tell()
    Disclosure.objects.filter(pk=links[0].pk).update(revoked_at=timezone.now())
    Disclosure.objects.filter(pk=links[1].pk).update(expires_at=timezone.now())
    tasks.tell()
    tasks.tell()
    told = [json.loads(body) for _, body in ats.got]
    assert [one["type"] for one in told] == ["candidate.kept"] * 2 + ["candidate.ended"] * 2
    numbers = [one["data"]["candidate"] for one in told]
    assert (numbers[:2], len(set(numbers))) == (numbers[2:], 2)
    assert browser.get(told[0]["data"]["api"].removeprefix("http://localhost:8000")).status_code == 200
    assert alice.username not in "".join(body for _, body in ats.got).lower()
