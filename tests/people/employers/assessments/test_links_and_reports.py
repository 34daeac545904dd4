"""A link is for one candidate, and says why when it is not; a report is its candidate's first, and theirs to share."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.exceptions import OperationalError
from rest_framework.test import APIClient

from grading.verdict import Verdict
from people.accounts.models import User
from people.employers import alikeness, boxes, consenting, measuring, tasks
from people.employers.inviting import give_time
from people.employers.models import Assessment, DomainFile, EmployerLine, Invite, Post
from people.employers.queries import read_evidence
from people.learners import attempts, intake, saving
from people.learners.facilities import store
from people.learners.models import Run

LogIn = Callable[[User], Client]
HOUR = timedelta(hours=1)


def test_a_link_lets_one_candidate_begin_and_says_why_when_it_does_not(
    alice: User,
    bob: User,
    erin: User,
    assessment: Assessment,
    invite_to: Callable[..., tuple[Invite, str]],
    log_in: LogIn,
    api: Callable[[User], APIClient],
) -> None:
    invite, link = invite_to(assessment)
    page = Client().get(link).content.decode()
    assert "Northwind Payments asks you" in page
    assert "60 minutes" in page
    assert "Take your time." in page
    assert "Sign up, and come back" in page
    assert Client().post(link).status_code == 200
    assert not Invite.objects.exclude(user=None).exists()
    assert log_in(alice).post(link).status_code == 302
    used = log_in(bob).post(link)
    assert (used.status_code, "This link has been used" in used.content.decode()) == (410, True)
    assert (
        api(bob).post(f"/api{link[:-1]}".replace("assessments/", "assessments/invited/") + "/begin").json()["code"]
        == "used"
    )
    again, second = invite_to(assessment, "Alice again")
    assert "You have taken this assessment already" in log_in(alice).post(second).content.decode()
    told = f"/api/employers/northwind/assessments/{assessment.pk}/invites"
    assert api(erin).delete(f"{told}/{again.pk}").status_code == 204
    assert "taken back" in log_in(bob).get(second).content.decode()
    assert api(erin).delete(f"{told}/{invite.pk}").json()["code"] == "begun"
    expired, third = invite_to(assessment, "Late")
    Invite.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    assert "has expired" in log_in(bob).post(third).content.decode()
    assert [one["state"] for one in api(erin).get(told).json()["results"]] == ["under-way", "revoked", "expired"]
    assert Client().get("/assessments/7:forged/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"minutes": 0}, "out-of-bounds", "minutes"),
        ({"minutes": 10**6}, "out-of-bounds", "minutes"),
        ({"domain": "moon"}, "unknown-domain", "domain"),
        ({"domain": "file:99"}, "unknown-domain", "domain"),
        ({"kinds": []}, "missing", "kinds"),
        ({"kinds": ["deploy"]}, "unknown-milestone", "kinds"),
        ({"project": "moon"}, "unknown-project", "project"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, "in-the-past", "closes_at"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_field(
    erin: User, assessment: Assessment, api: Callable[[User], APIClient], wrong: dict[str, Any], code: str, field: str
) -> None:
    now = timezone.now()
    asked = {"title": "Two", "project": "tiny", "kinds": ["ingest"], "domain": "plain", "minutes": 60}
    asked |= {"opens_at": now.isoformat(), "closes_at": (now + HOUR).isoformat()}
    address = "/api/employers/northwind/assessments"
    refused = api(erin).post(address, asked | wrong, format="json")
    assert refused.json()["code"] == code
    assert refused.json()["field"] == field
    assert api(erin).post(address, asked, format="json").status_code == 201


def test_more_time_is_given_in_minutes_or_percent_until_the_end(
    alice: User,
    erin: User,
    erins_post: Post,
    begin: Callable[[User], Invite],
    run_out: Callable[..., None],
    log_in: LogIn,
    assessment: Assessment,
    charlie: User,
    invite_to: Callable[..., tuple[Invite, str]],
) -> None:
    invite = begin(alice)
    page = f"/employers/northwind/assessments/{assessment.pk}/invites/{invite.pk}/time/"
    for wrong in (
        {"reason": "Why"},
        {"minutes": 5},
        {"minutes": 5, "percent": 5, "reason": "Why"},
        {"minutes": 0, "reason": "W"},
    ):
        assert log_in(erin).post(page, wrong).status_code == 400
    assert log_in(erin).post(page, {"percent": 25, "reason": "An accommodation."}).status_code == 302
    assert "15 minutes were added: An accommodation." in log_in(alice).get("/projects/tiny/").content.decode()
    waiting, link = invite_to(assessment, "Charlie")
    before = f"/employers/northwind/assessments/{assessment.pk}/invites/{waiting.pk}/time/"
    assert log_in(erin).post(before, {"minutes": 30, "reason": "Slow keyboard."}).status_code == 302
    assert "90 minutes" in Client().get(link).content.decode()
    run_out(invite)
    late = log_in(erin).post(page, {"minutes": 5, "reason": "Once more."})
    assert "what is over is not extended" in late.content.decode()
    assert log_in(charlie).post(page, {"minutes": 5, "reason": "Mine."}).status_code == 404
    assert EmployerLine.objects.filter(verb="gave more time").count() == 2


def test_the_candidate_reads_the_report_first_and_says_who_else_may(
    alice: User,
    bob: User,
    erin: User,
    assessment: Assessment,
    begin: Callable[[User], Invite],
    work: Callable[..., Run],
    passed_ingest: Verdict,
    broken_ingest: Verdict,
    log_in: LogIn,
    api: Callable[[User], APIClient],
    tiny: object,
) -> None:
    invite = begin(alice)
    enrolment = invite.enrolment
    assert enrolment is not None
    saving.save_file(enrolment, "notes.py", "", "print(1)\n")
    work(alice, broken_ingest)
    work(alice, passed_ingest, "print(6)\n")
    theirs = f"/employers/northwind/assessments/{assessment.pk}/invites/{invite.pk}/report/"
    assert api(alice).get(f"/api/assessments/{invite.pk}/report").json()["code"] == "no-report"
    assert log_in(alice).post(f"/me/assessments/{invite.pk}/say/", {"answer": "consent"}).status_code == 409
    boxes.finish(alice, invite.pk)
    assert log_in(erin).get(theirs).status_code == 403
    own = log_in(alice).get(f"/me/assessments/{invite.pk}/").content.decode()
    report = api(alice).get(f"/api/assessments/{invite.pk}/report").json()
    assert [(one["what"], one["outcome"]) for one in report["line"] if one["what"] == "run"] == [
        ("run", "broken"),
        ("run", "passed"),
    ]
    assert "Add notes.py" in own
    assert "Nobody watched the candidate" in own
    assert report["milestones"] == [{"kind": "ingest", "state": "passed"}]
    assert [(one["check"], one["tries"], one["held"]) for one in report["tries"]] == [("every_line_is_there", 1, True)]
    [skill] = [one for one in report["skills"] if one["skill"] == "acquire-data"]
    assert [proof["check"] for proof in skill["evidence"]] == ["every_line_is_there"]
    assert "score" not in report
    say = f"/me/assessments/{invite.pk}/say/"
    assert log_in(bob).post(say, {"answer": "consent"}).status_code == 404
    assert log_in(alice).post(say, {"answer": "decline"}).status_code == 302
    listed = log_in(erin).get(f"/employers/northwind/assessments/{assessment.pk}/").content.decode()
    assert "Declined" in listed
    assert "Read the report" not in listed
    assert log_in(alice).post(say, {"answer": "consent"}).status_code == 302
    read = log_in(erin).get(theirs)
    assert read.status_code == 200
    assert "Every line is a number." in read.content.decode()
    assert log_in(alice).post(say, {"answer": "withdraw"}).status_code == 302
    assert log_in(erin).get(theirs).status_code == 403
    assert [one.submission_id for one in read_evidence(alice)], "it counts for their own profile either way"


def test_nobody_consents_to_what_is_not_judged_yet(
    alice: User,
    begin: Callable[[User], Invite],
    work: Callable[..., Run],
    api: Callable[[User], APIClient],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    invite = begin(alice)
    run = work(alice)
    boxes.finish(alice, invite.pk)
    refused = api(alice).post(f"/api/assessments/{invite.pk}/report", {"answer": "consent"})
    assert refused.json()["code"] == "being-judged"
    conclude(run, passed_ingest)
    assert api(alice).post(f"/api/assessments/{invite.pk}/report", {"answer": "consent"}).json()["state"] == "shared"


def test_evidence_is_of_this_assessment_alone(
    alice: User,
    tiny: Any,
    rings: list[object],
    begin: Callable[[User], Invite],
    work: Callable[..., Run],
    passed_ingest: Verdict,
    api: Callable[[User], APIClient],
) -> None:
    intake.enrol(alice, tiny)
    work(alice, passed_ingest)
    invite = begin(alice)
    boxes.finish(alice, invite.pk)
    report = api(alice).get(f"/api/assessments/{invite.pk}/report").json()
    assert [one["evidence"] for one in report["skills"]] == [[] for _ in report["skills"]]
    assert any("had begun this project before" in note for note in report["notes"])


def test_alike_work_is_a_note_without_a_name(
    alice: User,
    bob: User,
    assessment: Assessment,
    begin: Callable[[User], Invite],
    work: Callable[..., Run],
    passed_ingest: Verdict,
    api: Callable[[User], APIClient],
) -> None:
    text = Path(attempts.__file__).read_text()
    invites = []
    for user in (alice, bob):
        invites.append(begin(user))
        work(user, passed_ingest, text)
        boxes.finish(user, invites[-1].pk)
    alikeness.compare(assessment.pk, store())
    notes = api(alice).get(f"/api/assessments/{invites[0].pk}/report").json()["notes"]
    [alike] = [note for note in notes if "smaller one" in note]
    assert alike.startswith("ingest: 100 %")
    assert "proves nothing" in alike
    assert not [note for note in notes if "Bob" in note]


def test_lists_and_reports_take_as_many_queries_for_many(
    alice: User,
    bob: User,
    erin: User,
    assessment: Assessment,
    begin: Callable[[User], Invite],
    work: Callable[..., Run],
    passed_ingest: Verdict,
    log_in: LogIn,
    erins_post: Post,
    invite_to: Callable[..., tuple[Invite, str]],
) -> None:
    invite = begin(alice)
    work(alice, passed_ingest)
    boxes.finish(alice, invite.pk)
    consenting.consent(alice, invite.pk)
    reader = log_in(erin)
    page = f"/employers/northwind/assessments/{assessment.pk}/"

    def count(client: Client, place: str) -> int:
        client.get(place)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(place).status_code == 200
        return len(asked)

    before = [count(reader, page), count(reader, f"{page}invites/{invite.pk}/report/")]
    for number in range(5):
        one, _link = invite_to(assessment, f"Nobody {number}")
        give_time(erins_post, one, "Slow keyboard.", minutes=5)
    again = begin(bob)
    for number in range(3):
        work(bob, passed_ingest, f"print({number})\n")
    boxes.finish(bob, again.pk)
    consenting.consent(bob, again.pk)
    assert [count(reader, page), count(reader, f"{page}invites/{again.pk}/report/")] == before


def test_a_domain_file_is_used_once_it_is_accepted(
    erin: User,
    erins_post: Post,
    tiny: Any,
    assessment: Assessment,
    api: Callable[[User], APIClient],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    make_assessment: Callable[..., Assessment],
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("people.employers.tasks.measure_domain.delay", rung.append)
    sent = {"project": "tiny", "name": "Kitchen", "text": "title: Kitchen\n"}
    with django_capture_on_commit_callbacks(execute=True):
        added = api(erin).post("/api/employers/northwind/domains", sent)
    assert (added.status_code, added.json()["state"], rung) == (202, "waiting", [added.json()["id"]])
    assert api(erin).post("/api/employers/northwind/domains", sent).json()["id"] == rung[0], "equal bytes, one file"
    with pytest.raises(Exception, match="is not accepted"):
        make_assessment(domain=f"file:{rung[0]}")
    DomainFile.objects.update(state="accepted")
    made = make_assessment(domain=f"file:{rung[0]}")
    assert (made.domain_name, made.domain) == ("Kitchen", added.json()["digest"])
    assert api(erin).post("/api/employers/northwind/domains", {**sent, "text": " "}).status_code == 400


def test_a_domain_file_is_measured_though_the_broker_was_away(
    erin: User,
    erins_post: Post,
    tiny: Any,
    api: Callable[[User], APIClient],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.measure_domain, "delay", refuse)
    sent = {"project": "tiny", "name": "Kitchen", "text": "title: Kitchen\n"}
    with django_capture_on_commit_callbacks(execute=True):
        assert api(erin).post("/api/employers/northwind/domains", sent).status_code == 202
    tasks.end_boxes()
    rung: list[int] = []
    monkeypatch.setattr(tasks.measure_domain, "delay", rung.append)
    DomainFile.objects.update(added_at=timezone.now() - timedelta(minutes=11))
    tasks.end_boxes()
    assert rung == [DomainFile.objects.get().pk]


def test_a_file_that_breaks_its_worker_each_time_is_given_up_and_may_be_added_again(
    erin: User,
    erins_post: Post,
    tiny: Any,
    api: Callable[[User], APIClient],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("people.employers.tasks.measure_domain.delay", rung.append)
    sent = {"project": "tiny", "name": "Kitchen", "text": "title: Kitchen\n"}
    address = "/api/employers/northwind/domains"

    def add() -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return api(erin).post(address, sent).json()

    def break_down(*_: object) -> None:
        raise MemoryError

    pk = add()["id"]
    monkeypatch.setattr("people.employers.measuring._find", break_down)
    for _ in range(measuring.MOST_TRIES):
        measuring.measure(pk)
        assert add()["state"] == "waiting"
    assert rung == [pk], "what waits is not called for again by adding it"
    measuring.measure(pk)
    (told,) = api(erin).get(f"{address}/{pk}").json()["faults"]
    assert told["code"] == "not-measured"
    assert "Add the same file again" in told["remedy"]
    assert measuring.take_strays(timezone.now() + timedelta(days=1)) == []
    assert (add()["state"], rung) == ("waiting", [pk, pk])
    monkeypatch.setattr("people.employers.measuring._find", lambda file: ([], {}))
    measuring.measure(pk)
    assert add()["state"] == "accepted"


def test_a_ready_made_domain_is_taken_as_the_beginning_of_ones_own(
    erin: User, charlie: User, erins_post: Post, tiny: Any, log_in: Callable[[User], Client]
) -> None:
    page = log_in(erin).get("/employers/northwind/domains/")
    address = "/employers/northwind/domains/ready-made/tiny/plain.yaml"
    assert f'href="{address}"' in page.content.decode()
    taken = log_in(erin).get(address)
    own = Path("tests/fixtures/packages/tiny/domains/plain.yaml").read_bytes()
    assert (taken.status_code, taken.content) == (200, own)
    assert taken["Content-Disposition"] == 'attachment; filename="tiny-plain.yaml"'
    assert log_in(erin).get(address.replace("plain", "other")).status_code == 404
    assert log_in(charlie).get(address).status_code == 404
