"""Dead letters: written down once, counted, rung for again or dismissed, and healed by a success."""

from collections.abc import Callable

import pytest
from celery import shared_task
from django.db import DatabaseError
from django.test import Client
from kombu.exceptions import OperationalError

from curriculum.models import Project
from people.accounts.models import User
from people.learners import intake
from people.learners.models import Run
from people.operators import hearing
from people.operators.letters import note_letter
from people.operators.models import DeadLetter, Work
from people.origins import Origin, find_origin, led_by, working_on

Fault = DeadLetter.Fault
seen: list[dict[str, object]] = []


@shared_task(name="tests.stumble")
def stumble(run_id: int) -> None:
    """Fails for odd runs, with a secret in its words."""
    seen.append(find_origin().describe())
    if run_id % 2:
        raise ValueError("no way in with mlp_abcdefghijkl for alice@example.org")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    heard: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(stumble, "apply_async", lambda args, *_, **_o: heard.append(("tests.stumble", [*args])))
    return heard


def test_equal_failures_are_one_letter_and_a_success_closes_it(db: None) -> None:
    for run in (1, 1, 3):
        stumble.apply(args=[run])
    first, other = DeadLetter.objects.order_by("pk")
    assert (first.task, first.arguments, first.fault, first.count) == ("tests.stumble", [1], Fault.RAISED, 2)
    assert other.count == 1
    assert first.first_at < first.last_at
    assert "mlp_a" not in first.error
    assert "alice" not in first.error
    assert "ValueError" in first.error
    for fault in (Fault.LOST, Fault.TOO_LONG):
        note_letter("tests.stumble", [2], fault, "worker lost")
    stumble.apply(args=[2])
    left = DeadLetter.objects.filter(closed_at=None).order_by("pk")
    assert [(one.arguments, one.fault) for one in left] == [([1], Fault.RAISED), ([3], Fault.RAISED), ([2], Fault.LOST)]


def test_a_task_knows_what_led_to_it_and_the_one_who_asked_does_not_become_it(db: None) -> None:
    seen.clear()
    with led_by(Origin(request="r" * 8, user=5)):
        headers: dict[str, object] = {}
        hearing.send_origin(headers)
        assert headers == {"milepost": {"request": "r" * 8, "user": 5}}
        stumble.apply(args=[4], headers=headers, task_id="t1")
        assert find_origin().describe() == {"request": "r" * 8, "user": 5}
    assert seen == [{"request": "r" * 8, "user": 5, "task": "t1", "run": 4}]


def test_olga_rings_again_dismisses_and_is_told_when_somebody_was_quicker(
    olga: User,
    log_in: Callable[[User], Client],
    sent: list[tuple[str, list[int]]],
) -> None:
    for pk, run in ((1, 5), (2, 7)):
        note_letter("tests.stumble", [run], Fault.RAISED, f"boom {pk}")
    ring, dismiss = DeadLetter.objects.order_by("pk")
    browser = log_in(olga)
    page = browser.post(f"/operating/dead-letters/{ring.pk}/", {"deed": "ring"}, follow=True)
    browser.post(f"/operating/dead-letters/{dismiss.pk}/", {"deed": "dismiss"})
    again = browser.post(f"/operating/dead-letters/{ring.pk}/", {"deed": "ring"}, follow=True)
    assert "Rung for again." in page.content.decode()
    assert "Somebody has dealt with this one already." in again.content.decode()
    assert sent == [("tests.stumble", [5])]
    for letter, rung in ((ring, True), (dismiss, False)):
        letter.refresh_from_db()
        assert (letter.closed_by, letter.rung, bool(letter.closed_at)) == (olga, rung, True)
    note_letter("tests.stumble", [5], Fault.RAISED, "boom again")
    assert DeadLetter.objects.filter(closed_at=None).count() == 1, "a closed letter is history, and the next a new one"


def test_where_no_broker_answers_the_letter_stays_open(
    olga: User, log_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(stumble, "apply_async", fail)
    note_letter("tests.stumble", [5], Fault.RAISED, "boom")
    letter, browser = DeadLetter.objects.get(), log_in(olga)
    page = browser.post(f"/operating/dead-letters/{letter.pk}/", {"deed": "ring"}, follow=True).content.decode()
    assert "The broker does not answer, so nobody could be rung for." in page
    address = f"/api/operating/dead-letters/{letter.pk}"
    told = browser.post(address, {"deed": "ring"}, content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (503, "no-broker")
    assert DeadLetter.objects.filter(closed_at=None, closed_by=None).count() == 1


def test_the_api_names_what_is_wrong_with_a_deed(
    olga: User, log_in: Callable[[User], Client], sent: list[object]
) -> None:
    note_letter("tests.stumble", [5], Fault.RAISED, "boom")
    letter, browser = DeadLetter.objects.get(), log_in(olga)
    address = f"/api/operating/dead-letters/{letter.pk}"
    wrong = browser.post(address, {"deed": "burn"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["field"]) == (400, "deed")
    missing = browser.post("/api/operating/dead-letters/9999", {"deed": "ring"}, content_type="application/json")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    done = browser.post(address, {"deed": "dismiss"}, content_type="application/json")
    assert (done.status_code, done.json()["task"]) == (200, "tests.stumble")
    second = browser.post(address, {"deed": "dismiss"}, content_type="application/json")
    assert (second.status_code, second.json()["code"]) == (409, "closed")


def test_who_works_on_a_run_is_written_down_and_a_database_that_fails_spoils_no_work(
    db: None, alice: User, tiny: Project, rings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b"1"}, "web")
    hearing.workers[:] = ["celery@one"]
    met: list[object] = []

    @working_on("run")
    def work(run: Run) -> str:
        met.append(find_origin().describe()["run"])
        met.append(list(Work.objects.values_list("row", "worker")))
        return "done"

    assert work(run) == "done"
    assert met == [run.pk, [(run.pk, "celery@one")]]
    assert not Work.objects.exists()

    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(Work.objects, "update_or_create", fail)
    monkeypatch.setattr(Work.objects, "filter", fail)
    assert work(run) == "done"
