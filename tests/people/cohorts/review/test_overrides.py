"""A leader's word beside the machine's: what it opens and closes, what stays, and what it never counts for."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import Outcome, Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership, Role
from people.employers.levels import derive_levels
from people.employers.queries import read_evidence
from people.learners import helping, intake, ledger, queries
from people.learners.models import AuditLine, Enrolment, Loan, Override, Run, Submission
from people.learners.refusals import Refusal
from people.learners.standing import Standing, read_standings

Conclude = Callable[[Run, Verdict], None]
Api = Callable[[User], APIClient]


def stand(enrolment: Enrolment) -> list[Standing]:
    [standings] = read_standings({enrolment.pk: ["ingest", "clean"]}).values()
    # What gates hand-ins, and what pages show, are read in two ways; they must never say different things.
    assert {one.kind for one in standings if one.passed_at} == queries.passed_kinds(enrolment)
    return standings


def states(enrolment: Enrolment) -> str:
    return " ".join(standing.state for standing in stand(enrolment))


def say(client: APIClient, submission: Submission, outcome: str, check: str = "", reason: str = "The data are odd."):
    told = {"outcome": outcome, "check": check, "reason": reason}
    return client.post(f"/api/cohorts/autumn/submissions/{submission.pk}/overrides", told)


@pytest.fixture
def as_leader(api: Api, dana: User) -> APIClient:
    return api(dana)


def test_a_word_opens_the_next_milestone_and_the_machines_stays_beside_it(
    as_leader: APIClient, api: Api, alice: User, enrolled: Enrolment, refused: Submission, rings: list[object]
) -> None:
    assert states(enrolled) == "broken locked"
    said = say(as_leader, refused, "passed")
    assert said.status_code == 201
    assert {name: said.json()[name] for name in ("machine", "outcome", "by", "undone_at")} == {
        "machine": "broken",
        "outcome": "passed",
        "by": "Dana",
        "undone_at": None,
    }
    assert states(enrolled) == "passed open"
    told = api(alice).get(f"/api/submissions/{refused.pk}").json()
    assert (told["run"]["outcome"], told["overrides"][0]["outcome"]) == ("broken", "passed")
    [enrolment] = api(alice).get("/api/enrolments").json()["results"]
    assert (enrolment["next"], enrolment["milestones"][0]["word"]["reason"]) == ("clean", "The data are odd.")
    line = CohortLine.objects.get()
    assert [one.verb for one in AuditLine.objects.filter(actor=f"account {line.actor_id}")] == ["overrode"]
    assert (line.verb, line.learner, line.place) == ("overrode", alice, "tiny/ingest")


def test_the_pages_say_who_said_what_and_why(
    as_leader: APIClient, as_alice: Client, as_dana: Client, refused: Submission
) -> None:
    say(as_leader, refused, "passed", reason="The <b>feed</b> was cut.")
    shown = "by Dana: The &lt;b&gt;feed&lt;/b&gt; was cut."
    addresses = ["/projects/tiny/", "/projects/tiny/milestones/ingest/", f"/submissions/{refused.pk}/"]
    for address in addresses:
        page = as_alice.get(address).content.decode()
        assert shown in page
        assert "The machine had said:" in page
    assert "Compare with the reference" not in page
    assert shown in as_dana.get("/cohorts/autumn/").content.decode()
    for address in (f"/cohorts/autumn/submissions/{refused.pk}/", f"/cohorts/autumn/submissions/{refused.pk}/review/"):
        assert shown in as_dana.get(address).content.decode()
    assert shown in as_dana.get("/cohorts/autumn/review/").content.decode()


def test_undoing_lets_the_machine_count_again_and_is_a_moment_in_the_row(
    as_leader: APIClient, enrolled: Enrolment, refused: Submission
) -> None:
    said = say(as_leader, refused, "passed").json()
    address = f"/api/cohorts/autumn/overrides/{said['id']}"
    for _twice in range(2):
        assert as_leader.delete(address).status_code == 204
    assert states(enrolled) == "broken locked"
    [told] = as_leader.get(f"/api/cohorts/autumn/submissions/{refused.pk}/overrides").json()
    assert (told["undone_by"], told["undone_at"] is not None) == ("Dana", True)
    assert list(CohortLine.objects.values_list("verb", flat=True)) == ["undid", "overrode"]
    assert say(as_leader, refused, "passed").status_code == 201
    assert Override.objects.count() == 2


def test_the_reference_stands_in_for_what_was_let_pass_until_own_work_passes(
    as_leader: APIClient,
    enrolled: Enrolment,
    refused: Submission,
    conclude: Conclude,
    passed_ingest: Verdict,
    rings: list[tuple[str, tuple[object, ...]]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        said = say(as_leader, refused, "passed").json()
    assert ("make_loan", (Loan.objects.get().pk,)) in rings
    assert queries.lent_kinds(enrolled) == {"ingest"}
    with pytest.raises(Refusal, match="counts as passed"):
        helping.take_back(enrolled, "ingest")
    with pytest.raises(Refusal, match="counts as passed"):
        helping.lend(enrolled, "ingest")
    conclude(intake.submit(enrolled, "ingest", {"main.py": b"better"}, "web"), passed_ingest)
    assert queries.lent_kinds(enrolled) == set()
    assert stand(enrolled)[0].word is None
    as_leader.delete(f"/api/cohorts/autumn/overrides/{said['id']}")
    assert (states(enrolled), Loan.objects.get().returned_at is not None) == ("passed open", True)


def test_a_loan_outlives_an_undone_word_while_another_one_stands(
    as_leader: APIClient, enrolled: Enrolment, refused: Submission, conclude: Conclude, broken_ingest: Verdict
) -> None:
    first = say(as_leader, refused, "passed").json()
    again = intake.submit(enrolled, "ingest", {"main.py": b"again"}, "web")
    conclude(again, broken_ingest)
    assert states(enrolled) == "passed open"
    second = say(as_leader, again.submission, "passed").json()
    as_leader.delete(f"/api/cohorts/autumn/overrides/{first['id']}")
    assert queries.lent_kinds(enrolled) == {"ingest"}
    as_leader.delete(f"/api/cohorts/autumn/overrides/{second['id']}")
    assert (states(enrolled), queries.lent_kinds(enrolled)) == ("broken locked", set())


def test_a_regrade_that_comes_to_the_same_is_the_machines_own_pass(
    as_leader: APIClient,
    alice: User,
    enrolled: Enrolment,
    refused: Submission,
    conclude: Conclude,
    passed_ingest: Verdict,
    broken_ingest: Verdict,
) -> None:
    say(as_leader, refused, "passed")
    conclude(ledger.enqueue(refused, 1, "test"), passed_ingest)
    assert (states(enrolled), stand(enrolled)[0].word, queries.lent_kinds(enrolled)) == ("passed open", None, set())
    assert [(proof.word, proof.shows) for proof in read_evidence(alice)] == [("", 1)]


def test_a_loan_of_the_learners_own_is_kept_while_a_word_rests_on_it_and_after_it(
    as_leader: APIClient, dana: User, alice: User, enrolled: Enrolment, refused: Submission
) -> None:
    helping.permit(dana, [alice], "tiny", "ingest", "loan")
    helping.lend(enrolled, "ingest")
    said = say(as_leader, refused, "passed").json()
    with pytest.raises(Refusal, match="counts as passed"):
        helping.take_back(enrolled, "ingest")
    as_leader.delete(f"/api/cohorts/autumn/overrides/{said['id']}")
    assert states(enrolled) == "lent open"
    helping.take_back(enrolled, "ingest")
    assert states(enrolled) == "broken locked"


def test_a_word_against_a_pass_closes_what_has_not_passed_and_takes_no_later_pass(
    as_leader: APIClient,
    alice: User,
    enrolled: Enrolment,
    passed: Submission,
    conclude: Conclude,
    passed_ingest: Verdict,
    failed_clean: Verdict,
) -> None:
    say(as_leader, passed, "failed", reason="Copied.")
    assert states(enrolled) == "failed locked"
    with pytest.raises(Refusal, match="clean is locked"):
        intake.submit(enrolled, "clean", {"main.py": b""}, "web")
    as_leader.delete(f"/api/cohorts/autumn/overrides/{Override.objects.get().pk}")
    assert states(enrolled) == "passed open"
    held = replace(failed_clean.own, outcome=Outcome.PASSED, results=())
    clean = replace(failed_clean, outcome=Outcome.PASSED, chain=(failed_clean.chain[0], held))
    conclude(intake.submit(enrolled, "clean", {"main.py": b""}, "web"), clean)
    assert states(enrolled) == "passed passed"
    say(as_leader, passed, "failed", reason="Copied.")
    assert states(enrolled) == "failed passed"
    conclude(intake.submit(enrolled, "ingest", {"main.py": b"own"}, "web"), passed_ingest)
    assert (states(enrolled), stand(enrolled)[0].word) == ("passed passed", None)


def test_a_word_against_a_pass_speaks_for_the_passes_before_it_too(
    as_leader: APIClient,
    alice: User,
    enrolled: Enrolment,
    passed: Submission,
    conclude: Conclude,
    passed_ingest: Verdict,
) -> None:
    again = intake.submit(enrolled, "ingest", {"main.py": b"again"}, "web")
    conclude(again, passed_ingest)
    assert [proof.word for proof in read_evidence(alice)] == [""]
    say(as_leader, again.submission, "failed")
    assert states(enrolled) == "failed locked"
    assert [(proof.word, proof.by, proof.shows) for proof in read_evidence(alice)] == [("failed", "Dana", 0)]


def test_what_was_let_pass_is_told_as_evidence_and_shows_no_level(
    as_leader: APIClient,
    as_alice: Client,
    alice: User,
    enrolled: Enrolment,
    conclude: Conclude,
    passed_ingest: Verdict,
    failed_clean: Verdict,
) -> None:
    conclude(intake.submit(enrolled, "ingest", {"main.py": b""}, "web"), passed_ingest)
    tried = intake.submit(enrolled, "clean", {"main.py": b""}, "web")
    conclude(tried, failed_clean)
    before = derive_levels([], read_evidence(alice))
    say(as_leader, tried.submission, "passed")
    say(as_leader, tried.submission, "held", check="no_number_appears_twice")
    told = {proof.check: (proof.word, proof.shows) for proof in read_evidence(alice)}
    assert told == {"every_line_is_there": ("", 1), "no_number_appears_twice": ("held", 0)}
    after = derive_levels([], read_evidence(alice))
    assert {one.skill: one.level for one in after} == {**{one.skill: one.level for one in before}, "clean": 0}
    page = as_alice.get("/me/skills/").content.decode()
    assert "not shown by the machine: it holds by override, by Dana" in page
    assert "The data are odd." not in page


def test_a_check_that_counts_otherwise_changes_no_verdict(
    as_leader: APIClient, as_alice: Client, alice: User, enrolled: Enrolment, passed: Submission
) -> None:
    assert say(as_leader, passed, "failed", check="every_line_is_there").status_code == 201
    assert states(enrolled) == "passed open"
    page = as_alice.get(f"/submissions/{passed.pk}/").content.decode()
    assert "counts as not holding" in page
    assert "All 1 checks of ingest hold." in page
    assert [(proof.word, proof.shows) for proof in read_evidence(alice)] == [("failed", 0)]


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"outcome": "passed", "reason": " \n"}, "blank", "reason"),
        ({"outcome": "passed", "reason": "x" * 2001}, "max-length", "reason"),
        ({"outcome": "failed", "reason": "No."}, "same-outcome", "outcome"),
        ({"outcome": "held", "reason": "No."}, "unknown-outcome", "outcome"),
        ({"outcome": "great", "reason": "No."}, "invalid-choice", "outcome"),
        ({"outcome": "held", "check": "no_such_check", "reason": "No."}, "unknown-check", "check"),
    ],
)
def test_what_is_no_override_is_refused_with_a_sentence(
    as_leader: APIClient, refused: Submission, told: dict[str, str], code: str, field: str
) -> None:
    answer = as_leader.post(f"/api/cohorts/autumn/submissions/{refused.pk}/overrides", told)
    assert answer.status_code in (400, 409)
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert not Override.objects.exists()


def test_a_form_that_was_refused_keeps_what_was_written(as_dana: Client, refused: Submission) -> None:
    address = f"/cohorts/autumn/submissions/{refused.pk}/override/"
    answer = as_dana.post(address, {"outcome": "passed", "reason": "y" * 2001})
    assert answer.status_code == 400
    assert "at most 2000 are taken" in answer.content.decode()
    assert "y" * 2001 in answer.content.decode()
    assert as_dana.post(address, {"outcome": "passed", "reason": "Fine."}).status_code == 302
    twice = as_dana.post(address, {"outcome": "passed", "reason": "Fine."})
    assert (twice.status_code, Override.objects.count()) == (409, 1)
    undone = as_dana.post(f"/cohorts/autumn/overrides/{Override.objects.get().pk}/undo/")
    assert undone.status_code == 302
    assert Override.objects.get().undone_at


def test_what_has_no_verdict_cannot_be_overridden(as_leader: APIClient, enrolled: Enrolment) -> None:
    waiting = intake.submit(enrolled, "ingest", {"main.py": b""}, "web").submission
    answer = say(as_leader, waiting, "passed")
    assert (answer.status_code, answer.json()["code"]) == (409, "no-verdict")


def test_only_who_leads_here_may(api: Api, refused: Submission, led: Cohort) -> None:
    by_role = {"paula": 403, "otto": 403, "frank": 404, "alice": 404, "bob": 404}
    assistant = Membership.objects.get(user__username="paula")
    assistant.assists.add(section := led.sections.create(title="A"))
    Membership.objects.filter(user__username="alice").update(section=section)
    for name, status in by_role.items():
        assert say(api(User.objects.get(username=name)), refused, "passed").status_code == status, name
    assert not Override.objects.exists()


def test_standing_costs_the_same_for_twenty_that_were_overridden(
    as_leader: APIClient,
    tiny: Project,
    led: Cohort,
    make_user: Callable[[str], User],
    as_dana: Client,
    conclude: Conclude,
    broken_ingest: Verdict,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    def add(number: int) -> None:
        user = make_user(f"learner{number}")
        Membership.objects.create(cohort=led, user=user, role=Role.LEARNER)
        run = intake.submit(intake.enrol(user, tiny), "ingest", {"main.py": b""}, "web")
        conclude(run, broken_ingest)
        say(as_leader, run.submission, "passed")

    add(0)
    as_dana.get("/cohorts/autumn/")
    most = 13
    with django_assert_num_queries(most):  # type: ignore[attr-defined]
        as_dana.get("/cohorts/autumn/")
    for number in range(1, 20):
        add(number)
    with django_assert_num_queries(most):  # type: ignore[attr-defined]
        assert as_dana.get("/cohorts/autumn/").content.decode().count("by Dana: ") == 20
