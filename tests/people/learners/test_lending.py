"""A stuck learner goes on with what the reference makes: it is marked everywhere, and their own work replaces it."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import MilestoneVerdict, Outcome, Verdict
from people.accounts.models import User
from people.employers.queries import read_evidence
from people.learners import helping, intake, ledger, queries, tasks
from people.learners.facilities import store
from people.learners.models import Enrolment, Loan, Run
from people.learners.standing import read_standings

ADDRESS = "/api/projects/tiny/milestones/ingest/loan"
Conclude = Callable[[Run, Verdict], None]


@pytest.fixture
def as_alice(enrolled: Enrolment, alice: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(alice)


@pytest.fixture
def stuck(enrolled: Enrolment, settings: object, conclude: Conclude, broken_ingest: Verdict) -> Enrolment:
    """Alice has tried twice, and two tries are enough here."""
    settings.MILEPOST_TRIES_BEFORE_LOAN = 2  # type: ignore[attr-defined]
    for text in (b"one", b"one", b"two"):
        conclude(intake.submit(enrolled, "ingest", {"main.py": text}, "test"), broken_ingest)
    return enrolled


@pytest.fixture
def lent(stuck: Enrolment) -> Loan:
    return helping.lend(stuck, "ingest")


@pytest.fixture
def clean_on_loan(failed_clean: Verdict) -> Verdict:
    """Clean passes on what is lent."""
    ingest = MilestoneVerdict("ingest", Outcome.LENT, "Not judged.")
    held = replace(failed_clean.own.results[0], answer="held", sentence="")
    clean = replace(failed_clean.own, outcome=Outcome.PASSED, results=(held,))
    return Verdict("clean", Outcome.PASSED, "It holds.", (ingest, clean), digests={"lent": "ingest"})


def states(enrolment: Enrolment) -> str:
    [standings] = read_standings({enrolment.pk: ["ingest", "clean"]}).values()
    return " ".join(standing.state for standing in standings)


def test_a_milestone_is_lent_after_enough_different_tries(
    as_alice: APIClient,
    stuck: Enrolment,
    settings: object,
    rings: list[tuple[str, tuple[object, ...]]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    settings.MILEPOST_TRIES_BEFORE_LOAN = 3  # type: ignore[attr-defined]
    early = as_alice.post(ADDRESS)
    assert (early.status_code, early.json()["code"]) == (409, "too-early")
    assert early.json()["detail"].endswith("1 to go.")
    settings.MILEPOST_TRIES_BEFORE_LOAN = 2  # type: ignore[attr-defined]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert as_alice.post(ADDRESS).json()["kind"] == "ingest"
    assert ("make_loan", (Loan.objects.get().pk,)) in rings
    assert as_alice.post(ADDRESS).status_code == 200  # twice is no harm
    assert Loan.objects.count() == 1
    told = as_alice.get("/api/enrolments").json()["results"][0]
    assert [(one["state"], one["lent_at"] is not None) for one in told["milestones"]] == [
        ("lent", True),
        ("open", False),
    ]
    assert told["next"] == "clean"


def test_only_what_is_open_not_passed_and_built_on_is_lent(
    as_alice: APIClient, enrolled: Enrolment, conclude: Conclude, passed_ingest: Verdict
) -> None:
    locked = as_alice.post(ADDRESS.replace("ingest", "clean"))
    assert (locked.status_code, locked.json()["code"]) == (409, "locked")
    conclude(intake.submit(enrolled, "ingest", {"main.py": b""}, "test"), passed_ingest)
    assert as_alice.post(ADDRESS).json()["code"] == "passed"
    assert as_alice.post(ADDRESS.replace("ingest", "clean")).json()["code"] == "last"


def test_an_instructor_may_allow_it_at_once(as_alice: APIClient, alice: User, dana: User) -> None:
    assert as_alice.post(ADDRESS).status_code == 409
    helping.permit(dana, [alice], "tiny", "ingest", "loan")
    assert as_alice.post(ADDRESS).status_code == 200
    helping.withdraw([alice], "tiny", "ingest", "loan")
    assert as_alice.post(ADDRESS).status_code == 200  # what is lent stays lent


def test_later_milestones_are_judged_on_it_and_own_work_replaces_it(
    lent: Loan, alice: User, conclude: Conclude, passed_ingest: Verdict, clean_on_loan: Verdict
) -> None:
    enrolment = lent.enrolment
    assert queries.lent_kinds(enrolment) == {"ingest"}
    conclude(intake.submit(enrolment, "clean", {"main.py": b"clean"}, "test"), clean_on_loan)
    assert states(enrolment) == "lent passed"
    [proof] = read_evidence(alice)
    assert (proof.milestone, proof.lent) == ("clean", ("ingest",))
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"own"}, "test"), passed_ingest)
    assert states(enrolment) == "passed passed"
    assert queries.lent_kinds(enrolment) == set()
    assert {proof.milestone for proof in read_evidence(alice)} == {"ingest", "clean"}


def test_it_can_be_given_back_until_something_has_passed_on_it(
    as_alice: APIClient, lent: Loan, conclude: Conclude, clean_on_loan: Verdict
) -> None:
    assert as_alice.delete(ADDRESS).status_code == 204
    assert as_alice.delete(ADDRESS).status_code == 204
    assert states(lent.enrolment) == "broken locked"
    again = helping.lend(lent.enrolment, "ingest")
    assert again.pk != lent.pk
    claimed = ledger.claim(intake.submit(lent.enrolment, "clean", {"main.py": b"clean"}, "test").pk)
    assert claimed is not None
    assert as_alice.delete(ADDRESS).json()["code"] == "being-judged"
    ledger.record(claimed, clean_on_loan)
    refused = as_alice.delete(ADDRESS)
    assert (refused.status_code, refused.json()["code"]) == (409, "built-on")
    assert states(lent.enrolment) == "lent passed"


def test_a_worker_goes_on_with_the_reference_only_where_it_is_lent(lent: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = []
    monkeypatch.setattr(tasks, "facilities", lambda: None)
    monkeypatch.setattr(tasks, "grade_surely", lambda job, *rest: jobs.append(job) or tasks.void(job, "enough"))
    run = intake.submit(lent.enrolment, "clean", {"main.py": b""}, "test")
    tasks.grade_run(run.pk)
    assert jobs[0].lent == {"ingest": ""}


def test_what_is_lent_comes_home_with_the_practice_world_and_no_code_of_it(
    as_alice: APIClient, lent: Loan, monkeypatch: pytest.MonkeyPatch, tiny: Project
) -> None:
    made = store().put_files({"numbers.json": b'{"numbers": [1]}'})
    monkeypatch.setattr("people.learners.archives._members", lambda world, prefix="": iter([]))
    world = type("World", (), {"digest": "9b1f"})()
    monkeypatch.setattr("people.learners.archives.find_practice_world", lambda enrolment: world)
    monkeypatch.setattr("people.learners.api.find_practice_world", lambda enrolment: world)
    early = as_alice.get("/api/projects/tiny/world")
    assert (early.status_code, early.json()["code"]) == (409, "not-ready")
    Loan.objects.update(artefact=made)
    with zipfile.ZipFile(io.BytesIO(as_alice.get("/api/projects/tiny/world").content)) as archive:
        assert sorted(archive.namelist()) == ["lent/ingest/numbers.json", "lent/kinds.json"]
        assert json.loads(archive.read("lent/kinds.json")) == ["ingest"]
