"""A box goes before one's own enrolment while it is open, takes in nothing after its end, and leaves no trace of one's
own work: by the server's clock, whoever asks first."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort
from people.cohorts.queries import access_cohort
from people.cohorts.teams import form_team
from people.employers import boxes, consenting, tasks
from people.employers.inviting import give_time, sign
from people.employers.models import Assessment, Delivery, Employer, Event, Invite, Post, Webhook
from people.learners import intake, queries, sharing
from people.learners.models import Enrolment, Loan, Run, Share
from people.learners.refusals import Refusal
from people.learners.repositories import find_repository

LogIn = Callable[[User], Client]
Begin = Callable[[User], Invite]
Work = Callable[..., Run]


def test_ones_own_work_rests_while_the_box_is_open_and_is_back_after_it(
    alice: User, tiny: Project, rings: list[object], begin: Begin, work: Work, log_in: LogIn, passed_ingest: Verdict
) -> None:
    own = intake.enrol(alice, tiny)
    work(alice, passed_ingest)
    invite = begin(alice)
    now = queries.access_enrolment(alice, "tiny")
    assert now == invite.enrolment
    assert now != own
    assert queries.passed_kinds(now) == set(), "what passed before counts for nothing here"
    assert list(queries.list_enrolments(alice)) == [now]
    assert intake.enrol(alice, tiny) == now, "to enrol again begins nothing"
    run = work(alice)
    assert run.submission.enrolment == now
    page = log_in(alice).get("/projects/tiny/").content.decode()
    assert "You are being assessed: Numbers, for Northwind Payments." in page
    assert "Your box ends in 59" in page.replace("\xa0", " ")
    assert log_in(alice).post(f"/me/assessments/{invite.pk}/finish/").status_code == 302
    assert queries.access_enrolment(alice, "tiny") == own
    assert queries.passed_kinds(own) == {"ingest"}
    assert queries.access_submission(alice, run.submission_id).enrolment == now, "what was handed in stays theirs"
    assert "You are being assessed" not in log_in(alice).get("/projects/tiny/").content.decode()


def test_after_the_end_nothing_is_handed_in_and_what_is_saved_is_kept(
    alice: User,
    begin: Begin,
    work: Work,
    run_out: Callable[..., None],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    compared: list[int],
    log_in: LogIn,
) -> None:
    invite = begin(alice)
    before_the_end = work(alice)
    run_out(invite)
    with pytest.raises(Refusal) as refused:
        work(alice, text="print(6)\n")
    assert refused.value.code == "box-over"
    editor = log_in(alice).post("/projects/tiny/files/create/", {"path": "notes.py", "content": ""})
    assert editor.status_code == 302, "the editor saves still"
    assert queries.access_enrolment(alice, "tiny") == invite.enrolment
    conclude(before_the_end, passed_ingest)
    report = log_in(alice).get(f"/me/assessments/{invite.pk}/").content.decode()
    assert "Holds" in report, "what was handed in before the end counts, though it was judged after it"
    tasks.end_boxes()
    tasks.end_boxes()
    assert compared == [invite.assessment_id]
    invite.refresh_from_db()
    assert invite.finished_at == invite.ends_at
    Invite.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
    tasks.end_boxes()
    assert compared == [invite.assessment_id] * 2, "the first call was lost, or its worker"
    tasks.compare_assessed(invite.assessment_id)
    tasks.end_boxes()
    assert len(compared) == 2


def test_the_clock_gives_ones_own_back_though_no_worker_has_noticed(
    alice: User, tiny: Project, rings: list[object], begin: Begin, run_out: Callable[..., None]
) -> None:
    own = intake.enrol(alice, tiny)
    invite = begin(alice)
    run_out(invite, minutes=16)
    assert queries.access_enrolment(alice, "tiny") == own
    assert Share.objects.filter(user=alice, left_at=None).count() == 2, "the rows do not know it yet"
    tasks.end_boxes()
    assert Share.objects.get(user=alice, left_at=None).enrolment == own


def test_whoever_had_nothing_of_their_own_has_nothing_after_it_and_may_begin(
    alice: User, tiny: Project, begin: Begin, log_in: LogIn
) -> None:
    invite = begin(alice)
    boxes.finish(alice, invite.pk)
    assert queries.find_enrolment(alice, "tiny") is None
    own = intake.enrol(alice, tiny)
    assert own != invite.enrolment
    assert own.occasion == ""


def test_a_box_in_two_tabs_is_one_box(alice: User, begin: Begin, log_in: LogIn) -> None:
    invite = begin(alice)
    again = log_in(alice).post(f"/assessments/{sign(invite)}/")
    assert again.url == f"/me/assessments/{invite.pk}/"
    assert boxes.begin(alice, sign(invite)).ends_at == invite.ends_at, "the clock does not start anew"
    assert Enrolment.objects.filter(user=alice).count() == 1


def test_two_at_once_by_one_link_are_one(
    alice: User,
    bob: User,
    assessment: Assessment,
    invite_to: Callable[..., tuple[Invite, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    invite, _link = invite_to(assessment)
    sharing_begins = sharing.begin_assessed

    def bob_is_quicker(user: User, *rest: object) -> Enrolment:
        made = sharing_begins(bob, *rest)  # type: ignore[arg-type]
        now = timezone.now()
        Invite.objects.filter(pk=invite.pk).update(user=bob, enrolment=made, begun_at=now, ends_at=now)
        return sharing_begins(user, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sharing, "begin_assessed", bob_is_quicker)
    with pytest.raises(Refusal) as refused:
        boxes.begin(alice, sign(invite))
    assert refused.value.code == "used"
    assert not Enrolment.objects.filter(user=alice).exists(), "nothing of the slower one's is left"


def test_more_time_and_the_end_of_a_box_at_once(
    alice: User, erins_post: Post, begin: Begin, run_out: Callable[..., None]
) -> None:
    invite = begin(alice)
    given = give_time(erins_post, invite, "The network was down.", minutes=30)
    assert given.ends_at == invite.ends_at + timedelta(minutes=30)
    assert Share.objects.get(enrolment=invite.enrolment).until == given.ends_at + timedelta(minutes=15)
    run_out(invite)
    with pytest.raises(Refusal) as refused:
        give_time(erins_post, invite, "Once more.", minutes=30)
    assert refused.value.code == "box-over"
    assert invite.more_time.count() == 1


def test_only_what_is_asked_is_handed_in_and_what_comes_before_is_lent(
    alice: User,
    bob: User,
    make_assessment: Callable[..., Assessment],
    invite_to: Callable[..., tuple[Invite, str]],
    begin: Begin,
    work: Work,
    passed_ingest: Verdict,
    rings: list[tuple[str, tuple[object, ...]]],
    log_in: LogIn,
) -> None:
    begin(alice)
    work(alice, passed_ingest)
    with pytest.raises(Refusal) as refused:
        work(alice, kind="clean")
    assert refused.value.code == "not-asked"
    invite, link = invite_to(make_assessment(kinds=["clean"]), "Bob")
    assert "The reference does what comes before: ingest." in Client().get(link).content.decode()
    with_lent = boxes.begin(bob, sign(invite)).enrolment
    assert with_lent
    assert queries.lent_kinds(with_lent) == {"ingest"}
    loan = Loan.objects.get(enrolment=with_lent)
    assert work(bob, kind="clean").submission.kind == "clean"
    assert log_in(bob).post("/projects/tiny/milestones/ingest/loan/return/", follow=True).status_code == 200
    loan.refresh_from_db()
    assert loan.returned_at is None


def test_a_push_goes_to_the_box_while_it_is_open(
    alice: User,
    tiny: Project,
    rings: list[object],
    begin: Begin,
    clone: Callable[..., object],
    run_out: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    def judge(pk: int) -> None:
        conclude(Run.objects.get(pk=pk), passed_ingest)

    # git waits for the verdict.
    monkeypatch.setattr("people.learners.tasks.grade_run.delay", judge)
    own = intake.enrol(alice, tiny)
    invite = begin(alice)
    boxed = clone(alice)
    boxed.commit({"pipeline/ingest.py": "print(5)\n"})  # type: ignore[attr-defined]
    code, told = boxed.push()  # type: ignore[attr-defined]
    assert code == 0, told
    assert Run.objects.get().submission.enrolment == invite.enrolment
    run_out(invite)
    boxed.commit({"pipeline/ingest.py": "print(6)\n"})  # type: ignore[attr-defined]
    code, told = boxed.push()  # type: ignore[attr-defined]
    assert code == 0
    assert "nothing more is handed in" in told.replace("\n", " ")
    assert Run.objects.count() == 1
    boxes.finish(alice, invite.pk)
    boxed.commit({"pipeline/ingest.py": "print(7)\n"})  # type: ignore[attr-defined]
    assert boxed.push()[0] != 0, "and never into one's own repository"  # type: ignore[attr-defined]
    assert find_repository(own) is None or Run.objects.filter(submission__enrolment=own).count() == 0


def test_a_team_and_a_box_do_not_mix(
    alice: User,
    bob: User,
    dana: User,
    autumn: Cohort,
    assessment: Assessment,
    begin: Begin,
    invite_to: Callable[..., tuple[Invite, str]],
    log_in: LogIn,
) -> None:
    leader = access_cohort(dana, "autumn")
    team = form_team(leader, "tiny", "Blue", ["alice"])
    _invite, link = invite_to(assessment)
    refused = log_in(alice).post(link)
    assert refused.status_code == 409
    assert "Leave the team first" in refused.content.decode()
    invite = begin(bob)
    sharing.add(team, bob)
    assert queries.access_enrolment(bob, "tiny") == invite.enrolment, "a box goes before a team too"
    boxes.finish(bob, invite.pk)
    assert queries.access_enrolment(bob, "tiny") == team
    sharing.remove(team, bob)
    assert queries.find_enrolment(bob, "tiny") is None, "nor is the assessed work taken for what they began alone"


def test_cohorts_see_and_count_nothing_of_it(
    alice: User,
    dana: User,
    tiny: Project,
    autumn: Cohort,
    rings: list[object],
    begin: Begin,
    work: Work,
    log_in: LogIn,
    api: Callable[[User], APIClient],
    passed_ingest: Verdict,
    broken_ingest: Verdict,
) -> None:
    intake.enrol(alice, tiny)
    work(alice, passed_ingest)
    pages = ("", "gradebook.csv", "stoppers/", "at-risk/", "teams/", "people/")
    reads = ("gradebook", "heat?project=tiny")

    def read_all() -> list[object]:
        told: list[object] = [api(dana).get(f"/api/cohorts/autumn/{name}").json() for name in reads]
        return told + [log_in(dana).get(f"/cohorts/autumn/{page}").status_code for page in pages]

    def csv() -> bytes:
        return b"".join(log_in(dana).get("/cohorts/autumn/gradebook.csv").streaming_content)  # type: ignore[attr-defined]

    before, book = read_all(), csv()
    begin(alice)
    assessed = work(alice, broken_ingest)
    assert (read_all(), csv()) == (before, book)
    assert log_in(dana).get(f"/cohorts/autumn/review/{assessed.submission_id}/").status_code == 404
    looking = log_in(dana)
    assert looking.post("/cohorts/autumn/view-as/", {"learner": "alice"}).status_code == 302
    shown = looking.get("/projects/tiny/").content.decode()
    assert "You are being assessed" not in shown
    assert "Passed" in shown
    assert looking.get(f"/submissions/{assessed.submission_id}/").status_code == 404


def test_an_employers_system_follows_an_assessment_and_is_told_no_name(
    alice: User,
    bob: User,
    erin: User,
    begin: Begin,
    run_out: Callable[..., None],
    work: Callable[..., Run],
    passed_ingest: Verdict,
    log_in: LogIn,
) -> None:
    """Each step once, whoever noticed it, and with an address where the employer reads on."""
    northwind = Employer.objects.get(slug="northwind")
    hook = Webhook.objects.create(employer=northwind, address="https://ats.example/", events=[*Event.values])
    first, second = begin(alice), begin(bob)
    work(alice, passed_ingest)
    assert log_in(alice).post(f"/me/assessments/{first.pk}/finish/").status_code == 302
    assert log_in(alice).post(f"/me/assessments/{first.pk}/finish/").status_code == 302
    run_out(second)
    tasks.end_boxes()
    tasks.end_boxes()
    consenting.consent(alice, first.pk)
    consenting.withdraw(alice, first.pk)
    bodies = [json.loads(one.body) for one in Delivery.objects.filter(webhook=hook).order_by("pk")]
    steps = [(one["type"].removeprefix("assessment."), one["data"]["invite"]) for one in bodies]
    assert steps == [
        ("begun", first.pk),
        ("begun", second.pk),
        ("finished", first.pk),
        ("finished", second.pk),
        ("report-shared", first.pk),
        ("declined", first.pk),
    ]
    page = urlsplit(bodies[0]["data"]["page"]).path
    assert log_in(erin).get(page).status_code == 200
    assert log_in(bob).get(page).status_code == 404
    assert not {alice.username, bob.username} & set(re.findall(r"\w+", json.dumps(bodies)))
