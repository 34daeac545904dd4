"""Credentials whose ground is gone: the learner is told first, and what comes back in time stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from curriculum.models import Project
from people.accounts.models import User
from people.employers import claiming
from people.employers.lapses import look_after
from people.employers.models import Credential
from people.employers.statuses import read_list
from people.learners.models import Enrolment, Override, Run, Submission, Trial, Tried

Only = Callable[[], Credential]


def take_away(submission: Submission, by: User) -> Override:
    word = {"outcome": "failed", "machine": "passed", "reason": "Copied."}
    return Override.objects.create(submission=submission, by=by, **word)


@pytest.fixture
def claimed(alice: User, passed: Submission) -> Credential:
    return claiming.claim(alice, "milestone", "tiny/ingest")


def want_mails(user: User) -> None:
    EmailAddress.objects.create(user=user, email="alice@example.org", verified=True, primary=True)
    User.objects.filter(pk=user.pk).update(verdict_mails_since=timezone.now())


def test_a_leaders_word_revokes_after_notice_and_grace(
    alice: User,
    dana: User,
    claimed: Credential,
    passed: Submission,
    only: Only,
    log_in: Callable[[User], Client],
    client: Client,
) -> None:
    want_mails(alice)
    now = timezone.now()
    assert look_after(now) == 0
    take_away(passed, dana)
    assert (look_after(now), look_after(now + timedelta(days=13))) == (1, 0)
    assert only().revokes_at == now + timedelta(days=14)
    [letter] = mail.outbox
    assert "will be revoked" in letter.body
    assert "/me/credentials/" in letter.body
    assert "it will be revoked on" in log_in(alice).get("/").content.decode()
    assert "this will be revoked on" in client.get(f"/credentials/{claimed.uuid}/").content.decode()
    assert only().revoked_at is None
    assert look_after(now + timedelta(days=14)) == 1
    assert (only().reason, len(mail.outbox)) == ("ground-gone", 1)
    listed = read_list(only().status_list.uuid)
    assert sum(bin(byte).count("1") for byte in bytes(listed.bits)) == 1
    page = client.get(f"/credentials/{claimed.uuid}/").content.decode()
    assert "Revoked" in page
    assert "Commit" not in page
    assert client.get(f"/credentials/{claimed.uuid}/", headers={"Accept": "application/json"}).status_code == 403


def test_what_comes_back_in_time_stays_and_the_notice_is_taken_back(
    dana: User, claimed: Credential, passed: Submission, judge: Callable[..., Submission], only: Only
) -> None:
    take_away(passed, dana)
    now = timezone.now()
    look_after(now)
    assert only().noticed_at == now
    assert mail.outbox == []  # she asked for none
    judge("ingest", "two")
    assert look_after(now + timedelta(days=20)) == 1
    assert (only().noticed_at, only().revokes_at, only().revoked_at) == (None, None, None)


def test_a_regrade_in_the_same_edition_that_refuses_takes_the_ground_away(
    claimed: Credential, passed: Submission, only: Only
) -> None:
    [run] = Run.objects.all()
    again = {"state": "done", "outcome": "failed", "finished_at": timezone.now(), "draw": 9}
    Run.objects.create(submission=passed, edition=run.edition, **again)
    look_after(timezone.now())
    assert only().revokes_at is not None


def test_a_regression_suspends_and_only_says_so(
    alice: User,
    claimed: Credential,
    judge: Callable[..., Submission],
    only: Only,
    client: Client,
    log_in: Callable[[User], Client],
) -> None:
    judge("ingest", "worse", holds=False)
    now = timezone.now()
    assert (look_after(now), look_after(now + timedelta(days=99))) == (0, 0)
    assert (only().suspended, only().noticed_at, only().revoked_at) == (True, None, None)
    assert "Suspended" in client.get(f"/credentials/{claimed.uuid}/").content.decode()
    refused = log_in(alice).post("/me/credentials/claim/skill/acquire-data/", {"identity": "pseudonym"})
    assert refused.status_code == 404
    judge("ingest", "mended")
    look_after(now)
    assert not only().suspended


def test_a_level_that_fell_for_good_is_noticed_and_one_that_rose_is_not(
    alice: User, dana: User, passed: Submission, judge: Callable[..., Submission], only: Only
) -> None:
    claiming.claim(alice, "skill", "acquire-data")
    judge("ingest", "better", levels=(1, 2, 3))
    assert (look_after(timezone.now()), only().level) == (0, 2)
    for submission in Submission.objects.all():
        take_away(submission, dana)
    assert look_after(timezone.now()) == 1


def test_looking_costs_the_same_however_much_was_claimed(
    alice: User, passed: Submission, judge: Callable[..., Submission], django_assert_num_queries: Callable[..., object]
) -> None:
    claiming.claim(alice, "milestone", "tiny/ingest")
    with django_assert_num_queries(26):
        assert look_after(timezone.now()) == 0
    judge("clean", "two")
    for kind, of in (("milestone", "tiny/clean"), ("project", "tiny"), ("skill", "clean"), ("skill", "acquire-data")):
        claiming.claim(alice, kind, of)
    with django_assert_num_queries(26):
        assert look_after(timezone.now()) == 0


@pytest.mark.parametrize(("mover", "changed"), [("dana", 1), ("alice", 0)])
def test_an_edition_that_refuses_takes_a_pass_away_only_where_a_leader_moved_the_learner_into_it(
    alice: User,
    dana: User,
    claimed: Credential,
    passed: Submission,
    publish_newer: Callable[[], Project],
    mover: str,
    changed: int,
) -> None:
    newer, now = publish_newer(), timezone.now()
    trial = Trial.objects.create(edition=newer, asked_by={"dana": dana, "alice": alice}[mover])
    before = passed.enrolment.project
    Tried.objects.create(trial=trial, enrolment=passed.enrolment, before=before, moved_at=now)
    Enrolment.objects.filter(pk=passed.enrolment_id).update(project=newer)
    told = {"state": "done", "outcome": "failed", "finished_at": now, "draw": 1}
    Run.every.create(submission=passed, edition=newer, trial=trial, shadow=True, **told)
    assert look_after(now) == changed
