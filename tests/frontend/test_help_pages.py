"""Hints, attempts, the reference and what is lent, on their pages: who sees what, and what is said beforehand."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from curriculum.models import Milestone, Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners import helping, intake
from people.learners.models import Enrolment, Help, Loan, Permit, Run

LogIn = Callable[[User], Client]
Conclude = Callable[[Run, Verdict], None]
HINTS = "## every_line_is_there\n\n1. Count *them*.\n2. Count the lines.\n3. `len(lines)`.\n"
INGEST = "/projects/tiny/milestones/ingest/"
HINT = f"{INGEST}hints/every_line_is_there/"
OURS = "numbers = [int(line) for line in"


@pytest.fixture(autouse=True)
def _nobody_works(rings: list[object]) -> None:
    """No worker is rung for in these tests."""


@pytest.fixture
def enrolled(alice: User, tiny: Project) -> Enrolment:
    Milestone.objects.filter(kind="ingest").update(hints=HINTS)
    return intake.enrol(alice, tiny)


@pytest.fixture
def passed(enrolled: Enrolment, conclude: Conclude, passed_ingest: Verdict) -> Run:
    files = {"pipeline/ingest.py": b"import json\nprint('mine')\n", "pipeline/own.py": b""}
    run = intake.submit(enrolled, "ingest", {**files, "pipeline/__init__.py": b""}, "web")
    conclude(run, passed_ingest)
    return run


@pytest.fixture
def failed(enrolled: Enrolment, conclude: Conclude, broken_ingest: Verdict) -> Run:
    run = intake.submit(enrolled, "ingest", {"main.py": b"one"}, "web")
    conclude(run, broken_ingest)
    return run


@pytest.fixture
def led(alice: User, bob: User, dana: User) -> Cohort:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.INSTRUCTOR)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    return cohort


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_hint_is_opened_after_its_price_was_said_and_stays_open(
    log_in: LogIn, alice: User, charlie: User, enrolled: Enrolment
) -> None:
    client = log_in(alice)
    before = read(client, INGEST)
    assert "Open hint 1 of 3" in before
    assert "It costs nothing, and leaves no trace." in before
    assert "Count" not in before
    landed = client.post(HINT, {"tier": "1"}, follow=True)
    assert landed.redirect_chain == [(f"{INGEST}#hints-every_line_is_there", 302)]
    after = read(client, INGEST)
    assert "Count <em>them</em>." in after
    assert "Your evidence will say that you read it." in after
    part = client.post(HINT, {"tier": "2"}, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div class="hints"')
    assert "level 2 at most" in part
    assert client.get(HINT).status_code == 405
    for odd in ("9", "9" * 5000, "-1", "two", ""):
        assert client.post(HINT, {"tier": odd, "back": odd}).status_code == 404
    assert log_in(charlie).post(HINT, {"tier": "1"}).status_code == 404
    assert Help.objects.count() == 2


def test_a_hint_asks_for_the_forms_own_token(alice: User, enrolled: Enrolment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(HINT, {"tier": "1"}).status_code == 403


def test_a_hint_opened_on_a_result_leads_back_to_its_check(log_in: LogIn, alice: User, failed: Run) -> None:
    landed = log_in(alice).post(HINT, {"tier": "1", "back": str(failed.submission_id)})
    assert landed["Location"] == f"/submissions/{failed.submission_id}/#check-every_line_is_there"


def test_the_reference_is_shown_after_ones_own_pass_and_to_nobody_before(
    log_in: LogIn, alice: User, bob: User, enrolled: Enrolment, tiny: Project, passed: Run
) -> None:
    intake.enrol(bob, tiny)
    shown = read(log_in(alice), f"{INGEST}reference/")
    assert "submission 1</a>, which passed" in shown
    assert "argparse" in shown
    assert "mine" in shown
    assert "sorted" not in shown  # which is clean's
    assert "Compare with the reference" in read(log_in(alice), INGEST)
    locked = log_in(bob).get(f"{INGEST}reference/")
    assert locked.status_code == 403
    assert "can be read once your own ingest has passed" in locked.content.decode()
    assert "argparse" not in locked.content.decode()
    assert log_in(bob).post(f"{INGEST}reference/").status_code == 302
    assert log_in(bob).get(f"{INGEST}reference/").status_code == 403
    assert log_in(alice).get(f"{INGEST.replace('ingest', 'clean')}reference/").status_code == 403


def test_an_outsider_finds_no_reference(log_in: LogIn, charlie: User, tiny: Project) -> None:
    assert log_in(charlie).get(f"{INGEST}reference/").status_code == 404


def test_an_instructor_lets_a_learner_read_it_early_which_is_said_first_and_noted(
    log_in: LogIn, alice: User, bob: User, dana: User, charlie: User, enrolled: Enrolment, led: Cohort
) -> None:
    address, asked = "/cohorts/autumn/permits/", {"milestone": "tiny/ingest", "what": "reference"}
    assert log_in(charlie).post(address, asked).status_code == 404
    assert log_in(alice).post(address, asked).status_code == 404
    as_dana = log_in(dana)
    wrong = as_dana.post(address, {**asked, "learner": "charlie", "allow": "1"})
    assert wrong.status_code == 400
    assert "Choose one of this cohort&#x27;s learners" in wrong.content.decode()
    as_dana.post(address, {**asked, "learner": "alice", "allow": "1"})
    assert "<td>Alice</td>" in read(as_dana, address)
    client = log_in(alice)
    assert "Your instructor lets you read it" in read(client, INGEST)
    first = read(client, f"{INGEST}reference/")
    assert "level 2 at most" in first
    assert "argparse" not in first
    assert Help.objects.count() == 0
    shown = client.post(f"{INGEST}reference/", follow=True).content.decode()
    assert "argparse" in shown
    assert Help.objects.get().what == "reference"
    as_dana.post(address, {**asked, "learner": "", "allow": "1"})
    assert "Everybody" in read(as_dana, address).split("<aside>")[0]
    as_dana.post(address, {**asked, "learner": "", "withdraw": "1"})
    assert Permit.objects.count() == 0
    assert client.get(f"{INGEST}reference/").status_code == 403


def test_a_loan_is_explained_taken_and_given_back(
    log_in: LogIn, alice: User, enrolled: Enrolment, failed: Run, settings: object
) -> None:
    client, address = log_in(alice), f"{INGEST}loan/"
    assert "1 more" not in read(client, INGEST)
    early = client.get(address, follow=True)
    assert "4 to go" in early.content.decode()
    settings.MILEPOST_TRIES_BEFORE_LOAN = 1  # type: ignore[attr-defined]
    assert "See what that means" in read(client, INGEST)
    assert "A lent ingest is no evidence" in read(client, address)
    assert Loan.objects.count() == 0
    landed = client.post(address, follow=True).content.decode()
    assert "Lent to you" in landed
    assert "Not open yet" not in read(client, INGEST.replace("ingest", "clean"))
    assert "Lent" in read(client, "/projects/tiny/")
    back = client.post(f"{address}return/", follow=True).content.decode()
    assert "Given back." in back
    assert "Not open yet" in read(client, INGEST.replace("ingest", "clean"))


def test_attempts_are_in_sight_and_an_empty_budget_says_when(
    log_in: LogIn, alice: User, enrolled: Enrolment, failed: Run, settings: object, zip_of: Callable[..., bytes]
) -> None:
    client = log_in(alice)
    assert "11 of 12 attempts left." in read(client, INGEST)
    assert "11 of 12 attempts left." in read(client, f"/submissions/{failed.submission_id}/")
    settings.MILEPOST_ATTEMPTS = 1  # type: ignore[attr-defined]
    archive = SimpleUploadedFile("work.zip", zip_of({"main.py": "two"}))
    refused = client.post(f"{INGEST}submit/", {"archive": archive})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    shown = refused.content.decode()
    assert "No attempt at ingest is left." in shown
    assert "No attempt left for now." in shown


def test_evidence_names_what_helped(
    log_in: LogIn, alice: User, enrolled: Enrolment, conclude: Conclude, passed_ingest: Verdict
) -> None:
    for tier in (1, 2):
        helping.open_hint(enrolled, Milestone.objects.get(kind="ingest"), "every_line_is_there", tier)
    run = intake.submit(enrolled, "ingest", {"main.py": b"one"}, "web")
    conclude(run, passed_ingest)
    assert "with 2 of 3 hints" in read(log_in(alice), "/me/skills/")
    told = log_in(alice).get(f"/api/submissions/{run.submission_id}").json()["help"]
    assert [(one["what"], one["check"], one["tier"]) for one in told] == [
        ("hint", "every_line_is_there", 1),
        ("hint", "every_line_is_there", 2),
    ]


@pytest.mark.parametrize(
    "address",
    ["/projects/tiny/export.zip", "/projects/tiny/starter.zip", "/api/projects/tiny", "/api/projects/tiny/bench"],
)
def test_no_other_address_holds_the_reference(log_in: LogIn, alice: User, passed: Run, address: str) -> None:
    answer = log_in(alice).get(address)
    assert answer.status_code == 200
    assert OURS not in unpack(answer.content)


def unpack(content: bytes) -> str:
    if content[:2] != b"PK":
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


@pytest.mark.parametrize(
    ("address", "most"),
    [(INGEST, 21), (f"{INGEST}reference/", 8), ("/me/skills/", 17)],
)
def test_a_page_costs_the_same_however_much_was_handed_in_and_opened(
    log_in: LogIn,
    alice: User,
    enrolled: Enrolment,
    passed: Run,
    conclude: Conclude,
    passed_ingest: Verdict,
    address: str,
    most: int,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    for tier in (1, 2, 3):
        helping.open_hint(enrolled, Milestone.objects.get(kind="ingest"), "every_line_is_there", tier)
    for text in (b"two", b"three", b"four"):
        conclude(intake.submit(enrolled, "ingest", {"main.py": text}, "web"), passed_ingest)
    client = log_in(alice)
    with django_assert_num_queries(most):  # type: ignore[attr-defined]
        read(client, address)


def test_the_permits_of_a_cohort_cost_the_same_for_many_learners(
    log_in: LogIn,
    dana: User,
    alice: User,
    tiny: Project,
    led: Cohort,
    make_user: Callable[[str], User],
    django_assert_num_queries: Callable[[int], object],
) -> None:
    for number in range(5):
        user = make_user(f"learner{number}")
        Membership.objects.create(cohort=led, user=user, role=Role.LEARNER)
        helping.permit(dana, [user], "tiny", "ingest", "loan")
    client = log_in(dana)
    with django_assert_num_queries(8):  # type: ignore[attr-defined]
        assert "learner4" in read(client, "/cohorts/autumn/permits/").lower()
