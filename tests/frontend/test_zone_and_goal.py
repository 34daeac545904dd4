"""What a learner says of themselves on the account page, and what the pages make of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.goals.models import Goal
from people.goals.queries import find_goal
from people.learners import intake
from people.learners.models import Run

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _nobody_works(rings: list[object]) -> None:
    """No worker is rung for in these tests."""


def test_times_are_in_the_zone_that_was_chosen_and_say_which(
    log_in: LogIn,
    alice: User,
    bob: User,
    tiny: Project,
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    for user in (alice, bob):
        run = intake.submit(intake.enrol(user, tiny), "ingest", {"main.py": b""}, "web")
        conclude(run, passed_ingest)
        Run.objects.filter(pk=run.pk).update(finished_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    client = log_in(alice)
    assert client.post("/me/zone/", {"zone": "Australia/Perth"}).status_code == 302
    shown = client.get("/projects/tiny/").content.decode()
    assert '<time datetime="2026-11-20T18:30:00+00:00">21 Nov 2026, 02:30 AWST</time>' in shown
    assert 'data-zone="Australia/Perth"' in shown
    shown = log_in(bob).get("/projects/tiny/").content.decode()
    assert "20 Nov 2026, 18:30 UTC" in shown
    assert "data-zone" not in shown, "a browser may say it in its own"
    assert client.post("/me/zone/", {"zone": ""}).status_code == 302
    assert "18:30 UTC" in client.get("/projects/tiny/").content.decode()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "US/Hawaii"])
def test_a_zone_that_we_do_not_know_is_refused_and_nothing_changes(zone: str, log_in: LogIn, alice: User) -> None:
    answer = log_in(alice).post("/me/zone/", {"zone": zone})
    assert answer.status_code == 400
    assert "Select a valid choice." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.zone == ""


def test_a_goal_is_set_shown_changed_and_dropped_and_nobody_has_one_unasked(
    log_in: LogIn, alice: User, bob: User
) -> None:
    client = log_in(alice)
    assert "Set yourself a weekly goal" in client.get("/").content.decode()
    assert not Goal.objects.exists()
    client.post("/me/goal/", {"unit": "days", "number": "3"})
    assert re.sub(r"\s+", " ", client.get("/").content.decode()).count("Handed in on 0 of 3 days.") == 1
    client.post("/me/goal/", {"unit": "milestones", "number": "1"})
    assert "Passed 0 of 1 milestone." in client.get("/").content.decode()
    assert '<option value="milestones" selected>' in client.get("/me/").content.decode()
    assert "of 1 milestone" not in log_in(bob).get("/").content.decode()
    client.post("/me/goal/", {"unit": "", "number": "1"})
    assert find_goal(alice) is None
    assert "Set yourself a weekly goal" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"unit": "days", "number": ""}, "Say how many, from 1 to 7."),
        ({"unit": "days", "number": "8"}, "Say how many, from 1 to 7."),
        ({"unit": "days", "number": "0"}, "Say how many, from 1 to 7."),
        ({"unit": "days", "number": "two"}, "Say how many, from 1 to 7."),
        ({"unit": "years", "number": "1"}, "Select a valid choice."),
        ({"unit": "", "number": "2", "reminds": "on"}, "There is nothing to remind you of: choose a goal first."),
        ({"unit": "days", "number": "2", "reminds": "on"}, "We have no e-mail address of yours: add one above first."),
    ],
)
def test_a_goal_that_cannot_be_is_refused_beside_its_field(
    sent: dict[str, str], says: str, log_in: LogIn, alice: User
) -> None:
    answer = log_in(alice).post("/me/goal/", sent)
    assert answer.status_code == 400
    shown = answer.content.decode()
    assert says in shown
    assert "Nothing was changed." in shown
    assert 'aria-invalid="true"' in shown
    assert not Goal.objects.exists()
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    assert log_in(alice).post("/me/goal/", {"unit": "days", "number": "2", "reminds": "on"}).status_code == 302
    assert Goal.objects.get().reminds
