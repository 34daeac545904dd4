"""Another edition comes out: Alice has it judge her work, sees both verdicts, moves over, and loses no pass by it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.pipeline import Job, void
from grading.verdict import Answer, CheckResult, Outcome, Verdict
from grading.world import Draw
from people.accounts.models import User
from people.employers.queries import read_evidence
from people.learners import intake, lanes, ledger, queries, repositories, tasks, trials
from people.learners.models import Enrolment, Loan, Run, RunState, Submission, Tried
from people.learners.outlook import read_outlook
from people.learners.refusals import Refusal
from people.learners.standing import Standing, read_standings

Conclude = Callable[[Run, Verdict], None]
OnCommit = Callable[..., AbstractContextManager[Any]]
Rings = list[tuple[str, tuple[object, ...]]]
FILES = {"pipeline/ingest.py": b"5"}
SENTENCE = "They are out of order, so Tom loses his place."
PAGE = "/projects/tiny/edition/"


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: OnCommit) -> OnCommit:
    return django_capture_on_commit_callbacks


@pytest.fixture
def passed_clean(passed_ingest: Verdict, failed_clean: Verdict) -> Verdict:
    held = tuple(replace(result, answer=Answer.HELD, sentence="") for result in failed_clean.own.results)
    own = replace(failed_clean.own, outcome=Outcome.PASSED, sentence="All 2 checks of clean hold.", results=held)
    return Verdict("clean", Outcome.PASSED, own.sentence, (*passed_ingest.chain, own))


@pytest.fixture
def stricter_clean(passed_clean: Verdict) -> Verdict:
    """Edition 2 says of the same work that something is out of order."""
    question = "They are in order, from small to large."
    refused = CheckResult("they_are_in_order", question, Answer.FAILED, SENTENCE, skills=("clean",), level=2)
    own = replace(passed_clean.own, outcome=Outcome.FAILED, sentence=SENTENCE, results=(refused,))
    return Verdict("clean", Outcome.FAILED, SENTENCE, (*passed_clean.chain[:1], own))


@pytest.fixture
def passed_both(enrolled: Enrolment, conclude: Conclude, passed_ingest: Verdict, passed_clean: Verdict) -> Enrolment:
    """Alice, who has passed both milestones of edition 1."""
    conclude(intake.submit(enrolled, "ingest", FILES, "web"), passed_ingest)
    conclude(intake.submit(enrolled, "clean", FILES, "web"), passed_clean)
    return enrolled


@pytest.fixture
def newer(passed_both: Enrolment, publish_newer: Callable[[], Project]) -> Project:
    return publish_newer()


@pytest.fixture
def client(log_in: Callable[[User], Client], alice: User) -> Client:
    return log_in(alice)


@pytest.fixture
def tried(newer: Project, client: Client) -> list[Run]:
    """The shadows of Alice's trial, in the order of their milestones."""
    client.post(PAGE + "try/")
    return shadows()


@pytest.fixture
def judged(tried: list[Run], conclude: Conclude, passed_ingest: Verdict, stricter_clean: Verdict) -> list[Run]:
    for run, verdict in zip(tried, (passed_ingest, stricter_clean), strict=True):
        conclude(run, verdict)
    return tried


def shadows() -> list[Run]:
    return list(Run.every.exclude(trial=None).order_by("pk"))


def stand(enrolment: Enrolment) -> dict[str, Standing]:
    enrolment.refresh_from_db()
    kinds = queries.milestone_kinds(enrolment.project_id)
    return {standing.kind: standing for standing in read_standings({enrolment.pk: kinds})[enrolment.pk]}


def shown(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def record(user: User) -> list[Any]:
    """All that a learner is known by, which no trial may touch."""
    return [
        read_evidence(user),
        list(Submission.objects.filter(enrolment__user=user).values_list("pk", "number")),
        list(Run.objects.filter(submission__enrolment__user=user).order_by("pk").values()),
    ]


def test_a_banner_says_so_on_every_page_of_the_project_and_to_nobody_who_is_in_it(
    newer: Project, client: Client, bob: User, log_in: Callable[[User], Client]
) -> None:
    submission = Submission.objects.get(kind="clean")
    pages = ["/projects/tiny/", "/projects/tiny/milestones/clean/", f"/submissions/{submission.pk}/"]
    for address in pages:
        text = shown(client, address)
        assert "Edition 2 (version 1.1) of this project is out." in text
        assert f'href="{PAGE}"' in text
    others = log_in(bob)
    others.post("/projects/tiny/enrol/")
    for address in pages[:2]:
        assert "is out." not in shown(others, address)
    assert others.get(PAGE).status_code == 200
    assert "You are in the current edition of this project" in shown(others)


def test_the_page_tells_what_changed_and_nothing_that_is_hidden(newer: Project, client: Client) -> None:
    text = shown(client)
    for words in (
        "New check</dt><dd>They are in order, from small to large.",
        "Memory: from 256 MB to 384 MB",
        "so it comes <strong>in order</strong> now.",
        "<ins>Write `numbers.json`, in order.</ins>",
        "pipeline/ingest.py",
        "Your data stay the same",
        "Try edition 2",
    ):
        assert words in text, words
    assert "sorted(" not in text, "neither a check's source nor the reference"


def test_a_trial_judges_the_newest_passes_in_the_new_edition_and_touches_no_record(
    newer: Project,
    client: Client,
    alice: User,
    rings: Rings,
    on_commit: OnCommit,
    conclude: Conclude,
    stricter_clean: Verdict,
) -> None:
    before, standing, pages = record(alice), stand(Enrolment.objects.get()), shown(client, "/projects/tiny/")
    rings.clear()
    with on_commit(execute=True):
        client.post(PAGE + "try/")
    runs = shadows()
    assert rings == [("grade_this", (run.pk,)) for run in runs]
    assert [(run.submission.kind, run.edition, run.draw, run.shadow) for run in runs] == [
        ("ingest", newer, 1, True),
        ("clean", newer, 2, True),
    ]
    assert 'hx-trigger="every 3s"' in shown(client)
    conclude(runs[1], stricter_clean)
    assert "In the queue" in shown(client, PAGE + "outlook/")
    assert client.get(PAGE + "outlook/?seen=queued.failed").status_code == 204, "no news"
    assert record(alice) == before
    assert stand(Enrolment.objects.get()) == standing
    assert shown(client, "/projects/tiny/").count("Passed on") == pages.count("Passed on") == 2
    page = shown(client, f"/submissions/{runs[1].submission_id}/")
    assert SENTENCE not in page
    assert "All 2 checks of clean hold." in page
    assert queries.read_events(runs[1].submission, 0).filter(run=runs[1]).count() == 0
    assert not queries.events_after(0).filter(run=runs[1]).exists(), "nobody who watches hears of it"


def test_a_trial_neither_supersedes_what_waits_nor_is_superseded(
    tried: list[Run], enrolled: Enrolment, passed_ingest: Verdict
) -> None:
    waiting = intake.submit(enrolled, "clean", {"main.py": b"2"}, "web")
    trials.drop_trial(enrolled)
    trials.try_edition(enrolled)
    waiting.refresh_from_db()
    assert waiting.state == RunState.QUEUED
    assert [run.outcome for run in Run.every.filter(pk__in=[run.pk for run in tried])] == ["dropped", "dropped"]
    assert Run.every.filter(shadow=True, state=RunState.QUEUED).count() == 2
    assert lanes.count_before(waiting) == 0, "shadows wait in front of nobody"


def test_shadows_stand_back_while_anybody_waits_and_the_sweep_calls_again(
    tried: list[Run], bob: User, rings: Rings, conclude: Conclude, passed_ingest: Verdict
) -> None:
    waiting = intake.submit(intake.enrol(bob, Project.objects.get(number=1)), "ingest", FILES, "web")
    assert ledger.claim(tried[0].pk) is None
    conclude(waiting, passed_ingest)
    assert ledger.claim(tried[0].pk)
    past = timezone.now() - timedelta(seconds=60)
    Run.every.update(rung_at=past)
    Run.every.filter(pk=tried[0].pk).update(lease_until=past)
    rings.clear()
    assert tasks.sweep() == 2, "one whose worker died, and one that nobody heard of"
    assert rings == [("grade_this", (run.pk,)) for run in tried]


def test_of_hundreds_of_shadows_a_few_are_called_for_at_a_time_and_none_while_anybody_waits(
    newer: Project, enrolled: Enrolment, dana: User, rings: Rings, on_commit: OnCommit, bob: User
) -> None:
    """A cohort's trial of 40 runs, and then Alice's own of two."""
    submission = enrolled.submissions.earliest("pk")
    many = trials.begin_trial(newer, [], dana)
    Run.every.bulk_create(Run(submission=submission, edition=newer, draw=1, trial=many, shadow=True) for _ in range(40))
    with on_commit(execute=True):
        trials.try_edition(enrolled)
    hers = list(Run.every.filter(trial__asked_by=enrolled.user, shadow=True).order_by("pk"))
    assert rings[-2:] == [("grade_this", (run.pk,)) for run in hers], "hers are called for at once"
    assert tasks.sweep() == 0, "all were just called for"
    Run.every.update(rung_at=timezone.now() - timedelta(seconds=60))
    rings.clear()
    assert tasks.sweep() == ledger.SHADOWS_AT_A_TIME
    assert rings[:2] == [("grade_this", (run.pk,)) for run in hers], "one learner's trial goes before a cohort's"
    assert tasks.sweep() == 0
    assert all(ledger.claim(number) for _name, (number,) in rings[:3])
    Run.every.filter(state=RunState.QUEUED).update(rung_at=timezone.now() - timedelta(seconds=60))
    assert tasks.sweep() == ledger.SHADOWS_AT_A_TIME - 3, "three are being judged"
    Run.every.filter(state=RunState.QUEUED).update(rung_at=timezone.now() - timedelta(seconds=60))
    his = intake.submit(intake.enrol(bob, newer), "ingest", FILES, "web")
    assert tasks.sweep() == 0, "they would only stand back"
    assert his.state == RunState.QUEUED


def test_beginning_a_great_trial_calls_for_a_few(
    newer: Project, enrolled: Enrolment, dana: User, rings: Rings, on_commit: OnCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "SHADOWS_AT_A_TIME", 1)
    rings.clear()
    with on_commit(execute=True):
        trials.begin_trial(newer, [enrolled], dana)
    assert rings == [("grade_this", (shadows()[0].pk,))]


def test_a_void_shadow_is_tried_again_and_yields_to_nobody(tried: list[Run], enrolled: Enrolment) -> None:
    claimed = ledger.claim(tried[1].pk)
    intake.submit(enrolled, "clean", {"main.py": b"2"}, "web")
    assert claimed
    assert ledger.record(claimed, void(Job("", "clean", "", Draw(1, 1, "")), "the disk was full"))
    tried[1].refresh_from_db()
    assert (tried[1].state, tried[1].outcome) == (RunState.QUEUED, "")


def test_both_verdicts_stand_side_by_side_before_anything_moves(judged: list[Run], client: Client) -> None:
    text = shown(client)
    assert "It asks more than the edition that you are in" in text
    assert "If you move over, 1 milestone keeps its pass of edition 1" in text
    assert text.count(SENTENCE) == 1
    assert "They are in order, from small to large." in text
    assert "Stay in edition 1" in text
    assert "It has judged your work." in shown(client, "/projects/tiny/")


def test_moving_over_keeps_the_pass_says_so_and_it_can_be_passed_anew(
    judged: list[Run],
    client: Client,
    alice: User,
    bob: User,
    newer: Project,
    rings: Rings,
    on_commit: OnCommit,
    conclude: Conclude,
    stricter_clean: Verdict,
    passed_clean: Verdict,
) -> None:
    his = intake.enrol(bob, Project.objects.get(number=1))
    rings.clear()
    with on_commit(execute=True):
        client.post(PAGE + "move/")
    enrolment = Enrolment.objects.get(user=alice)
    assert enrolment.project == newer
    assert rings == [("make_worlds", (enrolment.pk, 3))]
    standings = stand(enrolment)
    assert [(s.state, s.passed_in, s.asks_more) for s in standings.values()] == [
        ("passed", None, ""),
        ("passed", 1, SENTENCE),
    ]
    editions = {(proof.milestone, proof.edition) for proof in read_evidence(alice)}
    assert editions == {("ingest", 2), ("clean", 1)}
    assert not any(proof.regressed for proof in read_evidence(alice))
    for address in (PAGE, "/projects/tiny/milestones/clean/"):
        assert SENTENCE in shown(client, address)
    assert "Passed in edition 1." in shown(client, "/projects/tiny/milestones/clean/")
    assert "in edition 1" in shown(client, "/projects/tiny/")
    assert "judged by edition 1 (1.0)" in shown(client, f"/submissions/{judged[1].submission_id}/")
    assert "edition 1" in shown(client, "/me/skills/")

    again = intake.submit(enrolment, "clean", {"main.py": b"worse"}, "web")
    conclude(again, stricter_clean)
    assert stand(enrolment)["clean"].state == "passed", "an edition that asks more takes no pass away"
    assert stand(enrolment)["clean"].passed_in == 1
    conclude(intake.submit(enrolment, "clean", {"main.py": b"in order"}, "web"), passed_clean)
    assert (stand(enrolment)["clean"].state, stand(enrolment)["clean"].passed_in) == ("passed", None)
    assert {proof.edition for proof in read_evidence(alice)} == {2}
    conclude(intake.submit(enrolment, "clean", {"main.py": b"broken"}, "web"), stricter_clean)
    assert stand(enrolment)["clean"].state == "regressed", "it had passed here, and no longer does"
    his.refresh_from_db()
    assert his.project.number == 1
    assert not Tried.objects.filter(enrolment=his).exists()


def test_what_was_tried_speaks_for_its_submission_after_the_move(judged: list[Run], client: Client) -> None:
    client.post(PAGE + "move/")
    page = shown(client, f"/submissions/{judged[0].submission_id}/")
    assert "<dt>Edition</dt><dd>2 (1.1)</dd>" in page
    assert list(judged[0].audit.values_list("verb", flat=True)) == ["queued", "claimed", "recorded", "adopted"]
    assert list(judged[1].audit.values_list("verb", flat=True)) == ["queued", "claimed", "recorded"]
    enrolment = Enrolment.objects.get()
    assert queries.find_equal_run(enrolment, "clean", judged[1].submission.tree) is None, (
        "not judged here, for its learner"
    )


def test_what_is_lent_is_made_again_by_the_new_edition(judged: list[Run], client: Client, enrolled: Enrolment) -> None:
    loan = Loan.objects.create(enrolment=enrolled, kind="clean", artefact="a" * 64)
    client.post(PAGE + "move/")
    loan.refresh_from_db()
    assert (loan.artefact, loan.returned_at) == ("", None)


def test_what_is_lent_ends_where_the_new_edition_has_it_not(
    judged: list[Run], client: Client, enrolled: Enrolment
) -> None:
    Loan.objects.create(enrolment=enrolled, kind="feature", artefact="a" * 64)
    client.post(PAGE + "move/")
    assert queries.find_loan(enrolled, "feature") is None


def test_what_the_old_edition_is_still_making_is_not_lent_in_the_new_one(
    judged: list[Run], client: Client, enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move_over(judging: object) -> str:
        client.post(PAGE + "move/")
        return "a" * 64

    for name in ("facilities", "make_world", "Judging"):
        monkeypatch.setattr(tasks, name, MagicMock())
    monkeypatch.setattr(tasks, "make_reference_artefact", move_over)
    loan = Loan.objects.create(enrolment=enrolled, kind="clean")
    tasks.make_loan(loan.pk)
    loan.refresh_from_db()
    assert (loan.enrolment.project.number, loan.artefact) == (2, "")


def test_the_new_editions_reference_waits_for_a_pass_in_it(judged: list[Run], client: Client) -> None:
    addresses = [f"/projects/tiny/milestones/{kind}/reference/" for kind in ("ingest", "clean")]
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    client.post(PAGE + "move/")
    assert [client.get(address).status_code for address in addresses] == [200, 403]
    kept = Submission.objects.get(kind="clean")
    for page in ("/projects/tiny/milestones/clean/", f"/submissions/{kept.pk}/"):
        assert addresses[1] not in shown(client, page)
    assert addresses[0] in shown(client, "/projects/tiny/milestones/ingest/")


def test_nobody_moves_before_they_know_what_it_means(newer: Project, client: Client, enrolled: Enrolment) -> None:
    answer = client.post(PAGE + "move/", follow=True)
    assert "Edition 2 has not judged your work yet. Try it first: that changes nothing." in answer.content.decode()
    client.post(PAGE + "try/")
    answer = client.post(PAGE + "move/", follow=True)
    assert "Edition 2 is still judging your work." in answer.content.decode()
    enrolled.refresh_from_db()
    assert enrolled.project.number == 1


def test_a_trial_can_be_dropped_and_begun_again(tried: list[Run], client: Client, enrolled: Enrolment) -> None:
    client.post(PAGE + "try/")
    assert shadows() == tried  # which wait, or are being judged: asking again begins nothing
    for _ in range(2):
        client.post(PAGE + "drop/")
    assert {run.outcome for run in shadows()} == {"dropped"}
    assert "Try edition 2" in shown(client)
    client.post(PAGE + "try/")
    assert len(shadows()) == 4
    assert queries.find_tried(enrolled, Project.objects.get(number=2))


def test_what_passes_after_the_trial_began_is_shown_as_not_tried(
    judged: list[Run], client: Client, enrolled: Enrolment, conclude: Conclude, passed_clean: Verdict
) -> None:
    conclude(intake.submit(enrolled, "clean", {"main.py": b"in order"}, "web"), passed_clean)
    assert "It passed after this trial began." in shown(client)
    assert "Judge again" in shown(client)
    client.post(PAGE + "move/")
    standing = stand(enrolled)["clean"]
    assert (standing.state, standing.passed_in) == ("passed", 1)


def test_who_has_passed_nothing_just_moves(
    enrolled: Enrolment, publish_newer: Callable[[], Project], client: Client
) -> None:
    newer = publish_newer()
    assert "You have passed no milestone yet" in shown(client)
    client.post(PAGE + "move/")
    enrolled.refresh_from_db()
    assert enrolled.project == newer
    assert "You are in edition 2 (version 1.1); you came from edition 1." in shown(client)


def test_a_trial_is_a_learners_own(judged: list[Run], bob: User, dana: User, log_in: Callable[[User], Client]) -> None:
    for outsider in (bob, dana):
        for part in ("", "outlook/"):
            assert log_in(outsider).get(PAGE + part).status_code == 404
        for part in ("try/", "drop/", "move/"):
            assert log_in(outsider).post(PAGE + part).status_code == 404
    for part in ("try/", "drop/", "move/"):
        assert Client().post(PAGE + part)["Location"].startswith("/accounts/login/")


def test_one_trial_serves_many_and_only_who_asked_for_it_sees_it(
    newer: Project,
    passed_both: Enrolment,
    bob: User,
    dana: User,
    conclude: Conclude,
    failed_clean: Verdict,
    client: Client,
) -> None:
    his = intake.enrol(bob, Project.objects.get(number=1))
    conclude(intake.submit(passed_both, "clean", {"main.py": b"2"}, "web"), failed_clean)
    trial = trials.begin_trial(newer, [passed_both, his], dana, "judged")
    assert sorted((run.submission.kind, run.submission.number) for run in shadows()) == [
        ("clean", 2),
        ("clean", 3),
        ("ingest", 1),
    ]
    assert "Try edition 2" in shown(client), "hers is not begun"
    trials.try_edition(passed_both)
    assert trial.tried.filter(dropped_at=None).count() == 2
    trials.move(trial.tried.get(enrolment=his), dana)
    his.refresh_from_db()
    passed_both.refresh_from_db()
    assert (his.project.number, passed_both.project.number) == (2, 1)


def test_an_edition_without_the_learners_domain_says_so(newer: Project, client: Client, enrolled: Enrolment) -> None:
    Project.objects.filter(pk=newer.pk).update(domains=["other"])
    answer = client.post(PAGE + "try/", follow=True)
    assert "Edition 2 has no data told as" in answer.content.decode()
    assert shadows() == []


def test_a_milestone_that_the_new_edition_does_not_have_stays_in_the_skills_and_on_its_page(
    newer: Project, client: Client, enrolled: Enrolment, alice: User, conclude: Conclude, passed_ingest: Verdict
) -> None:
    newer.milestones.filter(kind="clean").delete()
    client.post(PAGE + "try/")
    [run] = shadows()
    conclude(run, passed_ingest)
    assert "This edition has no such milestone; what it showed stays in your skills." in shown(client)
    client.post(PAGE + "move/")
    assert {proof.milestone for proof in read_evidence(alice)} == {"ingest", "clean"}
    assert "All 2 checks of clean hold." in shown(client, f"/submissions/{Submission.objects.get(kind='clean').pk}/")


def test_a_changed_starter_is_a_branch_to_merge_and_never_overwrites(
    judged: list[Run], client: Client, enrolled: Enrolment
) -> None:
    repository = repositories.open_repository(enrolled)
    head = repositories.read_head(repository)
    client.post(PAGE + "move/")
    assert repositories.read_head(repository) == head
    text = shown(client)
    assert "git merge origin/edition-2" in text
    assert "git merge -X ours origin/edition-2" in text
    base = repositories.run_git(repository, "merge-base", "main", "edition-2").decode().strip()
    offered = repositories.run_git(repository, "show", "edition-2:pipeline/ingest.py").decode()
    assert repositories.run_git(repository, "rev-list", "--max-parents=0", "main").decode().strip() == base
    assert offered == 'raise SystemExit("not written yet: read numbers.txt")\n'


def test_a_banner_costs_the_same_however_much_was_handed_in(
    judged: list[Run], client: Client, enrolled: Enrolment, conclude: Conclude, failed_clean: Verdict
) -> None:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(client, address)
        return len(asked)

    submission = judged[1].submission_id
    addresses = ["/projects/tiny/", "/projects/tiny/milestones/clean/", f"/submissions/{submission}/", PAGE]
    # What stands in the way of a milestone is read where anything does.
    conclude(intake.submit(enrolled, "clean", {"main.py": b"first"}, "web"), failed_clean)
    before = [count(address) for address in addresses]
    for number in range(4):
        conclude(intake.submit(enrolled, "clean", {"main.py": str(number).encode()}, "web"), failed_clean)
    assert [count(address) for address in addresses] == before
    assert before == [22, 25, 23, 11]


def test_the_api_tells_tries_and_moves(
    newer: Project, api: Callable[[User], APIClient], alice: User, bob: User, conclude: Conclude, passed_ingest: Verdict
) -> None:
    program = api(alice)
    [told] = program.get("/api/enrolments").json()["results"]
    assert (told["project"]["number"], told["offer"]["edition"]["number"], told["offer"]["state"]) == (1, 2, "new")
    assert told["offer"]["page"].endswith(PAGE)
    assert program.get("/api/projects/tiny/trial").json()["is_tried"] is False
    refused = program.post("/api/projects/tiny/move")
    assert (refused.status_code, refused.json()["code"]) == (409, "not-tried")
    begun = program.post("/api/projects/tiny/trial")
    assert (begun.status_code, [m["state"] for m in begun.json()["milestones"]]) == (202, ["queued", "queued"])
    assert program.delete("/api/projects/tiny/trial").status_code == 204
    program.post("/api/projects/tiny/trial")
    assert program.post("/api/projects/tiny/move").json()["code"] == "still-judged"
    for run in Run.every.filter(shadow=True, state=RunState.QUEUED):
        conclude(run, replace(passed_ingest, kind=run.submission.kind))
    moved = program.post("/api/projects/tiny/move").json()
    assert (moved["project"]["number"], moved["offer"]) == (2, None)
    assert program.get("/api/projects/tiny/trial").json()["code"] == "no-other-edition"
    assert api(bob).post("/api/projects/tiny/trial").json()["code"] == "not-enrolled"


def test_the_database_itself_knows_whose_a_shadow_is(judged: list[Run]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.every.filter(pk=judged[0].pk).update(trial=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tried.objects.update(moved_at=timezone.now(), dropped_at=timezone.now())


def test_two_who_move_at_once_move_once(judged: list[Run], enrolled: Enrolment, alice: User) -> None:
    [tried] = queries.own_trials([enrolled])
    trials.move(tried, alice)
    trials.move(tried, alice)
    assert judged[0].audit.filter(verb="adopted").count() == 1
    with pytest.raises(Refusal, match="there is no other to try"):
        trials.move_over(Enrolment.objects.get())


def test_an_outlook_is_read_in_as_many_queries_for_one_pass_as_for_two(
    judged: list[Run], enrolled: Enrolment, django_assert_num_queries: Callable[[int], Any]
) -> None:
    newer = queries.find_other_edition(enrolled)
    assert newer
    with django_assert_num_queries(5):
        assert [prospect.state for prospect in read_outlook(enrolled, newer).prospects] == ["passed", "failed"]
