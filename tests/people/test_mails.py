"""Mails that people asked for: verdicts and digests, each once, to a confirmed address, and stopped by one click."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.mailing import Mailing, choose_mails
from people.accounts.models import User
from people.cohorts.digests import mail_digests
from people.cohorts.models import Cohort, Membership, Role, Timing
from people.learners import intake, ledger, sharing, tasks
from people.learners.models import Run, Trial, VerdictMail

Conclude = Callable[[Run, Verdict], None]
LogIn = Callable[[User], Client]
MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)
BEFORE = MONDAY - timedelta(days=3)


def confirm(user: User, verified: bool = True) -> None:
    EmailAddress.objects.create(user=user, email=f"{user.username}@example.org", verified=verified, primary=True)


@pytest.fixture
def reader(alice: User) -> User:
    """Alice wants each verdict by mail, and has confirmed her address."""
    confirm(alice)
    choose_mails(alice, ["verdicts"], timezone.now())
    return alice


@pytest.fixture
def judge(tiny: Project, rings: list[object], conclude: Conclude) -> Callable[[User, Verdict], Run]:
    def play(user: User, verdict: Verdict) -> Run:
        enrolment = intake.enrol(user, tiny)
        number = enrolment.submissions.count()
        run = intake.submit(enrolment, verdict.kind, {"main.py": b"%d" % number}, "test")
        conclude(run, verdict)
        return run

    return play


def test_a_verdict_is_mailed_once_however_often_a_worker_looks(
    reader: User, bob: User, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict, failed_clean: Verdict
) -> None:
    run = judge(reader, passed_ingest)
    judge(bob, passed_ingest)
    assert [tasks.mail_verdicts() for _ in range(3)] == [1, 0, 0]
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.org"]
    assert sent.subject == "Passed: ingest of Tiny"
    assert "All 1 checks of ingest hold." in sent.body
    assert f"/submissions/{run.submission_id}/" in sent.body
    judge(reader, failed_clean)
    assert tasks.mail_verdicts() == 1
    assert mail.outbox[1].subject == "Not passed yet: clean of Tiny"
    assert VerdictMail.objects.count() == 2


def test_it_comes_in_the_readers_language_and_zone(
    reader: User, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict
) -> None:
    User.objects.filter(pk=reader.pk).update(language="de", zone="Asia/Tokyo")
    run = judge(reader, passed_ingest)
    at = timezone.now().replace(hour=0, minute=30, second=0)
    Run.objects.filter(pk=run.pk).update(finished_at=at)
    User.objects.update(verdict_mails_since=at - timedelta(hours=1))
    assert tasks.mail_verdicts() == 1
    assert "09:30 JST" in mail.outbox[0].body
    assert "Prüfung" in mail.outbox[0].body


def test_none_is_sent_of_what_was_judged_before_nor_long_after_nor_of_what_was_never_judged(
    alice: User, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict, tiny: Project
) -> None:
    judge(alice, passed_ingest)
    confirm(alice)
    choose_mails(alice, ["verdicts"], timezone.now())
    old = judge(alice, passed_ingest)
    Run.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=2))
    User.objects.update(verdict_mails_since=timezone.now())
    enrolment = intake.enrol(alice, tiny)
    for text in (b"first", b"second"):
        intake.submit(enrolment, "clean", {"main.py": text}, "test")
    assert Run.objects.filter(outcome="superseded").count() == 1
    assert tasks.mail_verdicts() == 0


def test_none_is_sent_of_a_shadow(
    reader: User, dana: User, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict, tiny: Project
) -> None:
    run = judge(reader, passed_ingest)
    assert tasks.mail_verdicts() == 1
    trial = Trial.objects.create(edition=tiny, asked_by=dana)
    told = {"submission": run.submission, "edition": tiny, "draw": 1, "trial": trial, "shadow": True}
    shadow = Run.every.create(**told)
    claimed = ledger.claim(shadow.pk)
    assert claimed is not None
    ledger.record(claimed, passed_ingest)
    assert Run.every.get(pk=shadow.pk).outcome == "passed"
    assert tasks.mail_verdicts() == 0


@pytest.mark.parametrize("verified", [False, None])
def test_none_goes_to_an_address_that_nobody_has_confirmed(
    verified: bool | None, alice: User, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict, log_in: LogIn
) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    if verified is not None:
        confirm(alice, verified)
    refused = log_in(alice).post("/me/mails/", {"verdicts": "on"})
    assert refused.status_code == 400
    assert "Confirm an e-mail address first" in refused.content.decode()
    User.objects.update(verdict_mails_since=timezone.now())
    judge(alice, passed_ingest)
    assert (tasks.mail_verdicts(), mail.outbox) == (0, [])


def test_of_a_team_whoever_wants_it_is_written_to(
    reader: User, bob: User, tiny: Project, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict
) -> None:
    sharing.form_team([reader, bob], tiny, "Blue")
    judge(bob, passed_ingest)
    assert tasks.mail_verdicts() == 1
    assert mail.outbox[0].to == ["alice@example.org"]


def test_a_mail_that_cannot_be_sent_is_lost_and_the_others_are_not(
    reader: User,
    bob: User,
    judge: Callable[[User, Verdict], Run],
    passed_ingest: Verdict,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    confirm(bob)
    choose_mails(bob, ["verdicts"], timezone.now())
    judge(reader, passed_ingest), judge(bob, passed_ingest)

    def hang_up(*_: object) -> None:
        raise SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.EmailMessage.send", hang_up)
    assert tasks.mail_verdicts() == 2
    monkeypatch.undo()
    assert tasks.mail_verdicts() == 0


def test_one_click_stops_them_and_looking_at_the_link_does_not(
    reader: User, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict
) -> None:
    judge(reader, passed_ingest)
    tasks.mail_verdicts()
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = "/mails/" + headers["List-Unsubscribe"].strip("<>").split("/mails/")[1]
    assert link in mail.outbox[0].body
    browser = Client(enforce_csrf_checks=True)
    assert "Stop these mails?" in browser.get(link).content.decode()
    reader.refresh_from_db()
    assert reader.verdict_mails_since
    assert browser.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    reader.refresh_from_db()
    assert reader.verdict_mails_since is None
    assert browser.post(link.replace("verdicts", "digest")).status_code == 404


def test_they_are_chosen_on_the_account_page_and_a_digest_by_leaders_only(
    log_in: LogIn, alice: User, dana: User, tiny: Project
) -> None:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    Membership.objects.create(cohort=cohort, user=dana, role=Role.OWNER)
    for user in (alice, dana):
        confirm(user)
        client = log_in(user)
        assert client.post("/me/mails/", {"verdicts": "on", "digest": "on"}).status_code == 302
        user.refresh_from_db()
        assert user.verdict_mails_since
        assert bool(user.digest_mails_since) == (user == dana)
        page = client.get("/me/").content.decode()
        assert ("Mail me on Monday" in page) == (user == dana)
        assert f"They go to {user.username}@example.org" in page
    since = dana.verdict_mails_since
    log_in(dana).post("/me/mails/", {"verdicts": "on"})
    dana.refresh_from_db()
    assert (dana.verdict_mails_since, dana.digest_mails_since) == (since, None)


@pytest.fixture
def led(alice: User, dana: User, tiny: Project) -> Cohort:
    """Dana leads Alice, who has done nothing for weeks, and wants a digest; ingest is due on Wednesday."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    Membership.objects.create(cohort=cohort, user=alice, role=Role.LEARNER, joined_at=BEFORE - timedelta(days=60))
    Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)
    due_at = datetime(2026, 12, 2, 17, tzinfo=UTC)
    Timing.objects.create(cohort=cohort, slug="tiny", kind="ingest", due_at=due_at)
    Timing.objects.create(cohort=cohort, slug="tiny", kind="clean", due_at=due_at + timedelta(days=30))
    confirm(dana)
    choose_mails(dana, [Mailing.DIGEST], BEFORE)
    return cohort


def test_a_digest_says_each_monday_who_may_need_somebody_and_what_is_due(led: Cohort) -> None:
    early = [BEFORE, MONDAY - timedelta(minutes=1)]
    assert [mail_digests(at) for at in (*early, MONDAY, MONDAY, MONDAY + timedelta(days=3))] == [0, 0, 1, 0, 0]
    (sent,) = mail.outbox
    assert sent.to == ["dana@example.org"]
    assert sent.subject == "Your cohorts: 1 may need you"
    assert "- Alice: " in sent.body
    assert "/cohorts/autumn/" in sent.body
    assert "Tiny, Read the numbers: 2 December 2026, 17:00 UTC" in sent.body
    assert "Drop the doubles" not in sent.body
    assert mail_digests(MONDAY + timedelta(days=7)) == 1


def test_monday_morning_is_where_the_leader_is(led: Cohort, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(zone="America/New_York")
    assert mail_digests(MONDAY) == 0
    assert mail_digests(MONDAY + timedelta(hours=5)) == 1
    assert "2 December 2026, 12:00 EST" in mail.outbox[0].body


def test_who_asks_in_the_middle_of_a_week_waits_and_who_leads_nobody_gets_none(
    led: Cohort, dana: User, bob: User
) -> None:
    choose_mails(dana, [], BEFORE)
    choose_mails(dana, [Mailing.DIGEST], MONDAY + timedelta(hours=1))
    confirm(bob)
    choose_mails(bob, [Mailing.DIGEST], BEFORE)
    assert mail_digests(MONDAY + timedelta(hours=2)) == 0
    assert mail_digests(MONDAY + timedelta(days=7)) == 1


def test_an_assistant_s_digest_names_those_of_their_sections_only(led: Cohort, erin: User) -> None:
    Membership.objects.create(cohort=led, user=erin, role=Role.ASSISTANT)
    confirm(erin)
    choose_mails(erin, [Mailing.DIGEST], BEFORE)
    assert mail_digests(MONDAY) == 2
    hers = next(one for one in mail.outbox if one.to == ["erin@example.org"])
    assert "Alice" not in hers.body


def test_no_title_breaks_a_subject(
    reader: User, judge: Callable[[User, Verdict], Run], passed_ingest: Verdict, tiny: Any
) -> None:
    Project.objects.filter(pk=tiny.pk).update(title="Tiny\nBcc: everybody@example.org")
    judge(reader, passed_ingest)
    assert tasks.mail_verdicts() == 1
    assert "\n" not in mail.outbox[0].subject
