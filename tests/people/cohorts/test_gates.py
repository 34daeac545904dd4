"""Work is refused before a milestone opens and after it closes, on every way in; the kindest of all cohorts counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.response import Response
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import Outcome, Verdict
from people.accounts.models import User
from people.cohorts.dates import read_own_dates, read_voids
from people.cohorts.gates import find_untimely
from people.cohorts.models import Cohort, Extension, Membership, Role, Timing
from people.learners import intake, saving
from people.learners.models import Enrolment, Run, Submission
from people.learners.sharing import form_team, remove
from tests.people.learners.conftest import Clone

DAY = timedelta(days=1)
FAR = datetime(2099, 12, 4, 8, 30, tzinfo=UTC)
GONE = datetime(2020, 12, 4, 8, 30, tzinfo=UTC)


def join(user: User, slug: str = "autumn", **timing: datetime) -> Membership:
    """A cohort in tiny with these dates of ingest, or none, and this learner in it."""
    cohort = Cohort.objects.create(slug=slug, title=slug.title(), project_slugs=["tiny"])
    if timing:
        Timing.objects.create(cohort=cohort, slug="tiny", kind="ingest", **timing)
    return Membership.objects.create(cohort=cohort, user=user, role=Role.LEARNER)


@pytest.mark.parametrize(
    ("timing", "code", "sentence"),
    [
        ({"opens_at": FAR}, "not-open-yet", "ingest opens on 4 Dec 2099, 09:30 (Europe/Berlin)."),
        ({"closes_at": GONE}, "closed", "ingest closed on 4 Dec 2020, 09:30 (Europe/Berlin)."),
    ],
)
def test_each_way_in_is_shut_with_the_instant_in_the_learners_own_zone(
    timing: dict[str, datetime],
    code: str,
    sentence: str,
    enrolled: Enrolment,
    alice: User,
    api: Callable[[User], APIClient],
    hand_in: Callable[..., Response],
    log_in: Callable[[User], Client],
    zip_of: Callable[[dict[str, str]], bytes],
) -> None:
    User.objects.filter(pk=alice.pk).update(zone="Europe/Berlin")
    alice.refresh_from_db()
    join(alice, **timing)
    refused = hand_in(api(alice))
    assert refused.status_code == 409
    told = refused.json()
    assert (told["code"], told["field"], told["detail"]) == (code, "milestone", sentence)
    assert told["remedy"]
    assert refused.has_header("Retry-After") == (code == "not-open-yet")
    archive = SimpleUploadedFile("tree.zip", zip_of({"pipeline/ingest.py": "print(5)"}))
    page = log_in(alice).post("/projects/tiny/milestones/ingest/submit/", {"archive": archive})
    assert page.status_code == 409
    assert sentence in page.content.decode()
    saved = saving.save_file(enrolled, "more.py", "", "print(6)\n")
    edited = log_in(alice).post(
        "/projects/tiny/edit/more.py", {"text": "print(8)\n", "base": saved.name, "hand_in": "ingest"}
    )
    assert edited.status_code == 409
    assert sentence in edited.content.decode()
    assert not Submission.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_push_that_comes_too_late_is_kept_and_says_so(
    enrolled: Enrolment, alice: User, clone: Callable[..., Clone]
) -> None:
    join(alice, closes_at=GONE)
    work = clone(alice)
    commit = work.commit({"pipeline/ingest.py": "print(7)"})
    code, told = work.push()
    assert code == 0
    assert "Your commit is stored, and is not judged for now." in told
    assert "ingest closed on 4 Dec 2020, 08:30 (UTC)." in told
    assert commit in work("ls-remote", "origin", "main")
    assert not Submission.objects.exists()


def test_what_is_open_is_taken_until_the_closing_though_it_is_late(enrolled: Enrolment, alice: User) -> None:
    now = timezone.now()
    join(alice, opens_at=now - 9 * DAY, due_at=now - DAY, closes_at=now + DAY)
    assert intake.submit(enrolled, "ingest", {"main.py": b"1"}, "test").state == "queued"


def test_an_extension_and_an_accommodation_open_the_gate_again(enrolled: Enrolment, alice: User) -> None:
    now = timezone.now()
    member = join(alice, opens_at=now - 9 * DAY, due_at=now - 2 * DAY, closes_at=now - DAY)
    assert find_untimely(enrolled, "ingest") is not None
    extension = Extension.objects.create(membership=member, slug="tiny", kind="ingest", due_at=now + DAY, reason="ill")
    assert find_untimely(enrolled, "ingest") is None
    Extension.objects.filter(pk=extension.pk).update(withdrawn_at=now)
    assert find_untimely(enrolled, "ingest") is not None
    Membership.objects.update(extra_percent=25)
    assert find_untimely(enrolled, "ingest") is None


@pytest.mark.parametrize(
    ("others", "is_shut"),
    [
        ([], True),
        ([{"closes_at": FAR}], False),
        ([{}], False),  # a cohort without dates leaves all the time there is
        ([{"closes_at": GONE - DAY}], True),
    ],
)
def test_of_several_cohorts_the_kindest_counts(
    others: list[dict[str, datetime]], is_shut: bool, enrolled: Enrolment, alice: User, bob: User
) -> None:
    join(alice, closes_at=GONE)
    join(bob, "bobs", closes_at=FAR)
    for number, timing in enumerate(others):
        join(alice, f"other{number}", **timing)
    assert (find_untimely(enrolled, "ingest") is not None) == is_shut
    assert find_untimely(enrolled, "clean") is None


def test_whoever_leads_or_is_in_no_cohort_is_not_kept_out(enrolled: Enrolment, alice: User) -> None:
    assert find_untimely(enrolled, "ingest") is None
    join(alice, closes_at=GONE)
    Membership.objects.update(role=Role.INSTRUCTOR)
    assert find_untimely(enrolled, "ingest") is None


def test_after_a_fault_of_ours_there_is_time_to_hand_in_again(
    enrolled: Enrolment, alice: User, conclude: Callable[[Run, Verdict], None], settings: object
) -> None:
    settings.VOID_RETRIES = 0  # type: ignore[attr-defined]
    conclude(intake.submit(enrolled, "ingest", {"main.py": b"1"}, "test"), Verdict("ingest", Outcome.VOID, "", ()))
    now = timezone.now()
    Submission.objects.update(created_at=now - 2 * DAY)
    Run.objects.update(finished_at=now - DAY)
    join(alice, closes_at=now - DAY - timedelta(hours=1))
    assert find_untimely(enrolled, "ingest") is None
    Run.objects.update(finished_at=now - 3 * DAY)
    assert find_untimely(enrolled, "ingest") is not None


def test_what_a_team_shares_is_open_while_it_is_for_the_luckiest_of_them(
    enrolled: Enrolment, alice: User, bob: User, charlie: User
) -> None:
    now = timezone.now()
    cohort = join(alice, closes_at=GONE).cohort
    member = Membership.objects.create(cohort=cohort, user=bob, role=Role.LEARNER)
    Extension.objects.create(membership=member, slug="tiny", kind="ingest", due_at=now + DAY, reason="ill")
    assert find_untimely(enrolled, "ingest") is not None
    team = form_team([alice, bob], enrolled.project, "Blue")
    assert find_untimely(team, "ingest") is None
    own = {user: read_own_dates(user)["tiny", "ingest"][0].dates for user in (alice, bob)}
    assert own[alice] == own[bob]
    assert own[alice].is_extended
    # What is due for one of them alone elsewhere is none of the team's business.
    Cohort.objects.update(project_slugs=["tiny", "other"])
    assert set(read_own_dates(alice, ["other"])) == set()
    remove(team, bob)
    assert find_untimely(team, "ingest") is not None
    join(charlie, "charlies", closes_at=FAR)
    assert find_untimely(team, "ingest") is not None


def test_what_we_voided_of_a_team_we_voided_of_each_of_them(
    tiny: Project,
    alice: User,
    bob: User,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    settings: object,
) -> None:
    settings.VOID_RETRIES = 0  # type: ignore[attr-defined]
    team = form_team([alice, bob], tiny, "Blue")
    conclude(intake.submit(team, "ingest", {"main.py": b"1"}, "test"), Verdict("ingest", Outcome.VOID, "", ()))
    assert set(read_voids([bob.pk], ["tiny"])) == {(bob.pk, "tiny", "ingest")}
    assert len(read_voids([alice.pk, bob.pk], ["tiny"])) == 2
    remove(team, bob)
    assert read_voids([bob.pk], ["tiny"]) == {}


@pytest.mark.parametrize("count", [1, 20])
def test_the_gate_asks_as_little_of_many_cohorts_as_of_one(
    count: int, enrolled: Enrolment, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        join(alice, f"cohort{number}", closes_at=FAR)
    enrolled = Enrolment.objects.select_related("user", "project").get(pk=enrolled.pk)
    with django_assert_num_queries(7):
        find_untimely(enrolled, "ingest")
