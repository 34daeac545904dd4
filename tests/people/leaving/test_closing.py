"""Who closes their account is gone from it: with all that is theirs, or, if they let it stay, without their name."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from credentials.verifying import gather, verify
from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import AccountLine, User
from people.cohorts import diary, reviewing
from people.cohorts.models import Cohort, CohortLine, Comment, Membership, Role
from people.cohorts.risks import read_at_risk
from people.employers import claiming, posts
from people.employers.models import Candidate, Credential, Delivery, Employer, EmployerLine, Post, Webhook
from people.learners import intake, ledger, sharing, tasks
from people.learners.models import AuditLine, Enrolment, Permit, Run, Submission
from people.learners.repositories import find_repository, open_repository
from people.leaving.closing import KEPT, close, list_own

ERASE, KEEP = {"work": "erase", "username": "alice"}, {"work": "keep", "username": "alice"}


@pytest.fixture
def revocation_of(client: Client, settings: object) -> Callable[[Credential], str]:
    """What a stranger finds out of a credential that somebody kept, asking this site over HTTP."""

    def ask(credential: Credential) -> str:
        def fetch(url: str) -> bytes | None:
            answer = client.get(url.removeprefix(settings.MILEPOST_ADDRESS))  # type: ignore[attr-defined]
            return answer.content if answer.status_code == 200 else None

        content = json.dumps(credential.document).encode()
        return verify(content, gather(content, fetch), timezone.now()).revocation.code

    return ask


@pytest.mark.django_db(transaction=True)
def test_all_that_is_hers_goes_and_her_name_stands_nowhere(
    leaver: User,
    named: Credential,
    unnamed: Credential,
    mine: Client,
    bob: User,
    dana: User,
    erin: User,
    northwind: Employer,
    tiny: Project,
    everything: Callable[[], str],
    revocation_of: Callable[[Credential], str],
) -> None:
    Webhook.objects.create(employer=northwind, address="https://ats.example.org", events=["candidate.ended"], sealed="")
    diary.note(Cohort.objects.get(), dana, "moved a date", leaver, text="a week")
    about = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=dana, content_type=about, object_id=str(leaver.pk), object_repr="alice", action_flag=CHANGE
    )
    his = intake.submit(intake.enrol(bob, tiny), "ingest", {"main.py": b"7"}, "web")
    repository, number = open_repository(leaver.enrolments.get()), leaver.pk
    assert "alice" in everything().lower()
    answer = mine.post("/me/close/", ERASE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "alice" not in everything().lower()
    assert (Enrolment.objects.get(), Run.objects.get()) == (his.submission.enrolment, his)
    assert (repository.exists(), Credential.objects.count(), Candidate.objects.count()) == (False, 0, 0)
    assert [revocation_of(one) for one in (named, unnamed)] == ["revoked", "revoked"]
    assert "candidate.ended" in Delivery.objects.get().event
    assert [(line.verb, line.learner) for line in CohortLine.objects.all()] == [("moved a date", None)]
    assert AccountLine.objects.filter(account=number).last().verb == "closed the account"  # type: ignore[union-attr]
    assert mine.get("/me/").status_code == 302
    assert not Client().login(username="alice", password="a long password")
    [said] = mail.outbox
    assert (said.to, said.subject) == (["alice@example.org"], "Dein Konto ist geschlossen")


@pytest.mark.django_db(transaction=True)
def test_her_work_stays_without_her_name_if_she_lets_it(
    leaver: User,
    named: Credential,
    unnamed: Credential,
    mine: Client,
    dana: User,
    log_in: Callable[[User], Client],
    everything: Callable[[], str],
    revocation_of: Callable[[Credential], str],
) -> None:
    repository, runs = open_repository(leaver.enrolments.get()), Run.objects.count()
    before = log_in(dana).get("/api/cohorts/autumn/gradebook").json()
    mine.post("/me/close/", KEEP)
    left = User.objects.get(pk=leaver.pk)
    assert (left.username, left.email, left.is_active) == (f"closed-{leaver.pk}", "", False)
    assert "alice" not in everything().lower()
    after = log_in(dana).get("/api/cohorts/autumn/gradebook").json()
    totals = [{row["username"]: row["total"] for row in book["results"]} for book in (before, after)]
    assert totals[1][left.username] == totals[0]["alice"] is not None
    assert left.username in log_in(dana).get("/cohorts/autumn/").content.decode()
    # Nobody need look after her; Bob has not begun either.
    leading = Membership.objects.select_related("cohort").get(user=dana)
    assert left.username not in {one.person.username for one in read_at_risk(leading)}
    assert (Run.objects.count(), repository.exists(), Candidate.objects.count()) == (runs, False, 0)
    assert [revocation_of(one) for one in (named, unnamed)] == ["revoked", "in-force"]
    assert list(Credential.objects.all()) == [unnamed]
    assert not left.tokens.exists()
    for page in ("", "review/"):
        shown = log_in(dana).get(f"/cohorts/autumn/submissions/{Submission.objects.get().pk}/{page}")
        assert (shown.status_code, left.username in shown.content.decode()) == (200, True)


def test_nothing_is_lost_by_a_slip(leaver: User, mine: Client, log_in: Callable[[User], Client]) -> None:
    page = mine.get("/me/close/").content.decode()
    assert "Schließe dein Konto" in page
    for told in ({}, {"work": "erase"}, {**ERASE, "username": "Alice"}, {**ERASE, "work": "sell"}):
        refused = mine.post("/me/close/", told)
        assert refused.status_code == 400, told
    # Somebody who sits at her machine is asked who they are first.
    other = log_in(leaver)
    for answer in (other.get("/me/close/"), other.post("/me/close/", ERASE)):
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert User.objects.filter(username="alice", is_active=True).exists()
    assert not mail.outbox


def test_whoever_alone_owns_something_hands_it_over_first(
    leaver: User, autumn: Cohort, dana: User, erin: User, desk: Post, northwind: Employer
) -> None:
    with pytest.raises(CommandError, match="Autumn"):
        call_command("close_account", "dana", "--erase")
    with pytest.raises(CommandError, match="Northwind"):
        call_command("close_account", "erin", "--keep-work")
    with pytest.raises(CommandError, match="no open account 'zoe'"):
        call_command("close_account", "zoe", "--erase")
    client = Client()
    client.post("/accounts/login/", {"login": "dana", "password": "a long password"})
    client.post("/accounts/reauthenticate/", {"password": "a long password"})
    assert "The cohort Autumn would have no owner." in client.get("/me/close/").content.decode()
    assert client.post("/me/close/", {"work": "erase", "username": "dana"}).status_code == 409
    Membership.objects.filter(user=leaver).update(role=Role.OWNER)
    call_command("close_account", "dana", "--erase", stdout=StringIO())
    assert not Membership.objects.filter(role=Role.OWNER).exclude(user=leaver).exists()


def test_what_she_did_for_others_stays_with_them(
    leaver: User, autumn: Cohort, dana: User, bob: User, tiny: Project, erin: User, desk: Post
) -> None:
    leading = Membership.objects.select_related("cohort", "user").get(user=dana)
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    reviewing.comment(leading, Submission.objects.get(), "main.py", 1, "Why five?")
    Permit.objects.create(user=leaver, slug="tiny", kind="ingest", what="reference", by=dana)
    Post.objects.create(employer=desk.employer, user=dana, role="owner")
    posts.reappoint(desk, "dana", "recruiter")
    close(dana, keeps_work=False)
    assert (Comment.objects.get().author, Permit.objects.get().by) == (None, None)
    told = EmployerLine.objects.get(verb="reappointed")
    assert (told.actor, told.whom, told.about, told.text) == (erin, None, "", "recruiter")
    assert {line.actor for line in CohortLine.objects.all()} == {None}


def test_a_team_keeps_what_she_began_with_it(
    leaver: User, bob: User, tiny: Project, rings: list[object], passed_ingest: Verdict
) -> None:
    team = sharing.form_team([leaver, bob], tiny, "Blue")
    run = intake.submit(team, "ingest", {"main.py": b"8"}, "web")
    repository = find_repository(team)
    close(leaver, keeps_work=False)
    team.refresh_from_db()
    assert (team.user, [share.user for share in team.shares.all()]) == (bob, [bob])
    assert repository is not None
    assert repository.exists()
    run.submission.refresh_from_db()
    assert run.submission.by is None
    assert intake.submit(team, "ingest", {"main.py": b"9"}, "web").submission.number == 2


@pytest.mark.parametrize("keeps_work", [True, False])
def test_a_team_goes_on_and_she_is_not_in_it(leaver: User, bob: User, tiny: Project, keeps_work: bool) -> None:
    team = sharing.form_team([bob, leaver], tiny, "Blue")
    close(leaver, keeps_work)
    assert [share.user for share in team.shares.filter(left_at=None)] == [bob]


def test_a_worker_that_judges_meanwhile_comes_to_no_harm(
    leaver: User, tiny: Project, passed_ingest: Verdict, rings: list[object]
) -> None:
    enrolment = leaver.enrolments.get()
    waiting = intake.submit(enrolment, "ingest", {"main.py": b"6"}, "web")
    held = ledger.claim(waiting.pk)
    assert held is not None
    loan, numbers = 4711, (enrolment.pk, waiting.submission.pk)
    close(leaver, keeps_work=False)
    assert ledger.beat(held) is False
    assert ledger.record(held, passed_ingest) is False
    tasks.make_worlds(numbers[0], 1)
    tasks.look_at_world(numbers[0])
    tasks.look_at_work(numbers[1])
    tasks.make_loan(loan)
    assert not AuditLine.objects.filter(run_id=waiting.pk).exists()


def test_a_place_of_what_was_revoked_is_never_given_again(
    leaver: User,
    named: Credential,
    bob: User,
    tiny: Project,
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conclude(intake.submit(intake.enrol(bob, tiny), "ingest", {"main.py": b"7"}, "web"), passed_ingest)
    close(leaver, keeps_work=False)
    places = iter([named.status_index, named.status_index + 1])
    monkeypatch.setattr(claiming, "choose_index", lambda: next(places))
    assert claiming.claim(bob, "milestone", "tiny/ingest").status_index == named.status_index + 1


def test_every_kept_model_is_one_that_would_go(db: None) -> None:
    own, gone = ({one.related_model._meta.label for one in list_own(but)} for but in ((), KEPT))
    assert own - gone == KEPT
    assert {"accounts.AccessToken", "account.EmailAddress", "employers.Disclosure", "replays.Replay"} <= gone
