"""A week's goal, counted where its learner lives, and the one mail that reminds of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from smtplib import SMTPServerDisconnected

import pytest
from django.conf import settings as live_settings
from django.core import mail
from django.test import Client

from config.celery import app
from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.goals import reminders, tasks
from people.goals.models import Goal
from people.goals.queries import measure
from people.goals.setting import drop_goal, set_goal
from people.learners import intake
from people.learners.models import Enrolment, Run, Submission

Conclude = Callable[[Run, Verdict], None]
WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 26, 17, tzinfo=UTC)
NEXT_THURSDAY = datetime(2026, 12, 3, 17, tzinfo=UTC)


@pytest.fixture
def enrolment(alice: User, tiny: Project, rings: list[object]) -> Enrolment:
    return intake.enrol(alice, tiny)


@pytest.fixture
def hand_in(enrolment: Enrolment) -> Callable[[datetime], Run]:
    def at(moment: datetime) -> Run:
        number = enrolment.submissions.count()
        run = intake.submit(enrolment, "ingest", {"main.py": b"%d" % number}, "test")
        Submission.objects.filter(pk=run.submission_id).update(created_at=moment)
        return run

    return at


@pytest.fixture
def wishful(alice: User) -> Goal:
    """Alice wants to hand in on two days a week, and to be reminded."""
    alice.email = "alice@example.org"
    alice.save()
    return set_goal(alice, "days", 2, reminds=True)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", 1),  # late on Sunday is last week, and twice on Wednesday is one day
        ("Pacific/Auckland", 2),  # where that Sunday is Monday already
        ("America/Los_Angeles", 1),
    ],
)
def test_a_week_and_its_days_are_those_of_the_learners_zone(
    zone: str, days: int, alice: User, hand_in: Callable[[datetime], Run]
) -> None:
    for moment in (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), datetime(2026, 11, 25, 0, 30, tzinfo=UTC)):
        hand_in(moment)
    hand_in(datetime(2026, 11, 25, 6, 30, tzinfo=UTC))
    alice.zone = zone
    alice.save()
    progress = measure(set_goal(alice, "days", 5, reminds=False), WEDNESDAY)
    assert (progress.done, progress.left, progress.is_reached) == (days, 5 - days, False)


def test_a_milestone_counts_once_in_the_week_of_its_first_pass(
    alice: User, bob: User, hand_in: Callable[[datetime], Run], conclude: Conclude, passed_ingest: Verdict
) -> None:
    goal = set_goal(alice, "milestones", 1, reminds=False)
    for moment in (WEDNESDAY, WEDNESDAY, NEXT_THURSDAY):
        run = hand_in(moment)
        conclude(run, passed_ingest)
        Run.objects.filter(pk=run.pk).update(finished_at=moment)
    assert measure(goal, WEDNESDAY).done == 1
    assert measure(goal, NEXT_THURSDAY).done == 0, "it had passed before"
    assert measure(set_goal(bob, "milestones", 1, reminds=False), WEDNESDAY).done == 0


def test_who_is_behind_on_thursday_evening_is_told_once_that_week(
    wishful: Goal, hand_in: Callable[[datetime], Run]
) -> None:
    hand_in(WEDNESDAY)
    assert reminders.remind_all(WEDNESDAY) == 0
    assert [reminders.remind_all(THURSDAY) for _ in range(3)] == [1, 0, 0]
    [told] = mail.outbox
    assert told.to == ["alice@example.org"]
    assert told.subject == "Your week on Milepost: 1 of 2"
    assert "You set out to hand in on 2 days this week. So far it is 1, so 1 to go until Sunday." in told.body
    assert "&" not in told.body
    drop_goal(wishful.user)
    assert reminders.remind_all(NEXT_THURSDAY) == 0
    set_goal(wishful.user, "days", 2, reminds=True)
    assert reminders.remind_all(THURSDAY) == 0, "it is the same week still"
    assert reminders.remind_all(NEXT_THURSDAY) == 1


def test_the_mail_is_in_the_learners_language(alice: User, wishful: Goal) -> None:
    User.objects.filter(pk=alice.pk).update(language="de")
    reminders.remind_all(THURSDAY)
    assert mail.outbox[0].subject == "Deine Woche auf Milepost: 0 von 2"
    assert "Du hast dir vorgenommen, diese Woche an 2 Tagen abzugeben." in mail.outbox[0].body


def test_of_two_that_remind_at_once_one_sends(wishful: Goal) -> None:
    seen_by_both = list(reminders.list_behind(THURSDAY)) * 2
    assert [reminders.claim(progress) for progress in seen_by_both] == [True, False]


@pytest.mark.parametrize("why", ["reached", "not asked", "no address", "inactive", "too early there"])
def test_nobody_else_is_told(why: str, alice: User, wishful: Goal, hand_in: Callable[[datetime], Run]) -> None:
    if why == "reached":
        hand_in(WEDNESDAY)
        hand_in(THURSDAY)
    if why == "not asked":
        set_goal(alice, "days", 2, reminds=False)
    changes = {"no address": {"email": ""}, "inactive": {"is_active": False}, "too early there": {"zone": "US/Hawaii"}}
    if why in changes:
        User.objects.filter(pk=alice.pk).update(**changes[why])
    assert reminders.remind_all(THURSDAY) == 0
    assert not mail.outbox


def test_a_mail_that_cannot_be_sent_stops_no_other(
    wishful: Goal, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def hang_up(*_: object) -> int:
        raise SMTPServerDisconnected("gone")

    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    set_goal(bob, "milestones", 1, reminds=True)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", hang_up)
    assert reminders.remind_all(THURSDAY) == 2
    assert caplog.text.count("was not sent") == 2


def link_of(told: mail.EmailMessage) -> str:
    found = re.search(r"<(.+)>", told.extra_headers["List-Unsubscribe"])
    assert found
    assert found[1] in told.body
    assert found[1].startswith(live_settings.MILEPOST_ADDRESS)
    return found[1].removeprefix(live_settings.MILEPOST_ADDRESS)


def test_the_link_in_the_mail_stops_the_reminders_and_nothing_else(wishful: Goal, bob: User) -> None:
    set_goal(bob, "days", 1, reminds=True)
    reminders.remind_all(THURSDAY)
    link = link_of(mail.outbox[0])
    anybody = Client(enforce_csrf_checks=True)
    assert "Stop the reminders?" in anybody.get(link).content.decode()
    wishful.refresh_from_db()
    assert wishful.reminds, "what only looks at a link stops nothing"
    assert mail.outbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = anybody.post(link, {"List-Unsubscribe": "One-Click"})
    assert "No more reminders" in answer.content.decode()
    wishful.refresh_from_db()
    assert (wishful.reminds, wishful.number) == (False, 2)
    assert Goal.objects.get(user=bob).reminds
    assert reminders.remind_all(NEXT_THURSDAY) == 0
    assert anybody.post(link).status_code == 200, "twice is no harm"


@pytest.mark.parametrize("token", ["1", "1:x", "x"])
def test_a_link_that_we_have_not_signed_stops_nothing(token: str, wishful: Goal) -> None:
    for answer in (Client().get(f"/reminders/{token}/"), Client().post(f"/reminders/{token}/")):
        assert answer.status_code == 404
    assert Goal.objects.get().reminds


def test_beat_calls_it(wishful: Goal) -> None:
    names = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert tasks.remind.name in names
    assert tasks.remind() in (0, 1)
