"""Looking at a learner's pages: what is shown is theirs, within one cohort, and nothing can be done there."""

import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, reverse

from curriculum.models import Project
from frontend.viewing import SHOWN, WAYS_OUT
from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Comment, Membership, Role
from people.goals.models import Goal
from people.learners import intake
from people.learners.models import Enrolment, Help, Submission
from tests.config.test_matrix import DOORS, Door

LogIn = Callable[[User], Client]


@pytest.fixture
def looking(as_dana: Client, led: Cohort, refused: Submission) -> Client:
    """Dana, who looks at Alice's pages."""
    assert as_dana.post("/cohorts/autumn/view-as/", {"learner": "alice"})["Location"] == "/"
    return as_dana


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_learners_pages_are_shown_as_theirs_under_a_banner(
    looking: Client, as_alice: Client, alice: User, refused: Submission
) -> None:
    pages = ["/", "/projects/tiny/", "/projects/tiny/milestones/ingest/", f"/submissions/{refused.pk}/"]
    for address in pages:
        shown = read(looking, address)
        assert "<strong>You see what Alice sees</strong>" in shown
        assert "Stop looking" in shown
        assert "You see what" not in read(as_alice, address)
    assert "/git/alice/tiny" in read(looking, "/projects/tiny/")
    assert "Your ingest stopped with an error" in shown


def test_it_is_in_the_diary_and_the_learner_sees_it(looking: Client, as_alice: Client, alice: User, dana: User) -> None:
    line = CohortLine.objects.get()
    assert (line.verb, line.actor, line.learner) == ("viewed as", dana, alice)
    assert "Dana last looked at your pages as you see them on" in read(as_alice, "/")


def test_stopping_makes_them_themselves_again(looking: Client, refused: Submission) -> None:
    assert looking.get("/cohorts/autumn/").status_code == 403
    assert looking.post("/cohorts/view-as/stop/")["Location"] == "/cohorts/autumn/review/"
    assert "You see what" not in read(looking, "/")
    assert looking.get(f"/submissions/{refused.pk}/").status_code == 404
    assert read(looking, "/cohorts/autumn/")
    assert looking.post("/cohorts/view-as/stop/")["Location"] == "/"


KEPT = {"autumn", "tiny", "alice"}
NAMED = dict.fromkeys(("platform-key", "credential", "list"), str(uuid.UUID(int=1)))


def find_door(name: str, door: Door, work: Submission) -> str:
    """The address of a line of the matrix; what it names by a word of its own is refused before it is looked for."""
    places = [str(work.pk) if place == "submission" else place for place in door.places]
    try:
        return reverse(name, args=places)
    except NoReverseMatch:
        return reverse(name, args=[NAMED.get(place, place if place in KEPT else "1") for place in places])


@pytest.mark.parametrize("methods", [(), pytest.param(("post", "put", "patch", "delete"), marks=pytest.mark.slow)])
def test_whatever_is_not_named_is_refused(methods: tuple[str, ...], looking: Client, refused: Submission) -> None:
    ways_out = {*WAYS_OUT}
    before = Submission.objects.count(), Help.objects.count(), Goal.objects.count(), Enrolment.objects.count()
    for name, door in DOORS.items():
        if name in ways_out or name.startswith("git-"):
            continue
        address = find_door(name, door, refused)
        read_only = looking.get(address).status_code
        assert read_only in ((200, 204) if name in SHOWN else (403,)), (name, read_only)
        for method in methods:
            assert getattr(looking, method)(address).status_code == 403, (name, method)
    now = Submission.objects.count(), Help.objects.count(), Goal.objects.count(), Enrolment.objects.count()
    assert now == before
    assert set(DOORS) >= SHOWN | WAYS_OUT


def test_the_administration_is_refused_too(looking: Client, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(is_staff=True, is_superuser=True)
    assert looking.get("/admin/").status_code == 403


def test_nothing_of_another_cohort_is_shown(
    looking: Client, alice: User, bob: User, tiny: Project, led: Cohort
) -> None:
    other = Project.objects.create(slug="other", digest="0", title="A project of elsewhere", domains=["plain"])
    Project.objects.filter(pk=other.pk).update(tree=tiny.tree, starter=tiny.starter)
    other.refresh_from_db()
    other.milestones.create(kind="ingest", position=1, minutes=5)
    intake.enrol(alice, other)
    assert "A project of elsewhere" not in read(looking, "/")
    assert "A project of elsewhere" not in read(looking, "/live/")
    assert looking.get("/projects/other/").status_code == 404
    assert looking.get("/projects/other/milestones/ingest/").status_code == 404
    elsewhere = intake.submit(intake.enrol(alice, other), "ingest", {"main.py": b""}, "web").submission
    theirs = intake.submit(intake.enrol(bob, tiny), "ingest", {"main.py": b""}, "web").submission
    for work in (elsewhere, theirs):
        assert looking.get(f"/submissions/{work.pk}/").status_code == 404
        assert looking.get(f"/submissions/{work.pk}/live/").status_code == 404


def test_what_is_the_learners_alone_is_not_shown(looking: Client, alice: User, led: Cohort) -> None:
    Goal.objects.create(user=alice, unit="days", number=3, reminds=False)
    teaching = Cohort.objects.create(slug="hers", title="What Alice leads", project_slugs=["tiny"])
    Membership.objects.create(cohort=teaching, user=alice, role=Role.OWNER)
    shown = read(looking, "/")
    assert "goal-title" not in shown.replace("/me/#goal-title", "")
    assert "What Alice leads" not in shown


def test_looking_marks_nothing_as_read(
    as_dana: Client, as_alice: Client, led: Cohort, refused: Submission, dana: User
) -> None:
    Comment.objects.create(cohort=led, submission=refused, path="pipeline/ingest.py", line=1, author=dana, text="Hm.")
    as_dana.post("/cohorts/autumn/view-as/", {"learner": "alice"})
    assert "Hm." in read(as_dana, f"/submissions/{refused.pk}/")
    assert Comment.objects.get().seen_at is None


@pytest.mark.parametrize("change", ["role", "membership", "learner"])
def test_a_role_that_was_lost_ends_it(
    looking: Client, dana: User, alice: User, refused: Submission, change: str
) -> None:
    if change == "role":
        Membership.objects.filter(user=dana).update(role=Role.ASSISTANT)
    else:
        Membership.objects.filter(user=dana if change == "membership" else alice).delete()
    ended = looking.get(f"/submissions/{refused.pk}/")
    assert ended.status_code == 403
    assert "You can no longer look" in ended.content.decode()
    assert "You see what" not in read(looking, "/")


def test_only_who_leads_may_look_and_only_at_learners_here(
    log_in: LogIn, led: Cohort, make_user: Callable[[str], User], as_dana: Client
) -> None:
    for name, status in (("paula", 403), ("otto", 403), ("frank", 404), ("alice", 404), ("bob", 404)):
        client = log_in(User.objects.get(username=name))
        assert client.post("/cohorts/autumn/view-as/", {"learner": "bob"}).status_code == status, name
        assert "viewing" not in client.session
    make_user("charlie")
    for name in ("charlie", "paula", "dana", "frank", ""):
        assert as_dana.post("/cohorts/autumn/view-as/", {"learner": name}).status_code == 404, name
    assert not CohortLine.objects.exists()


def test_signing_out_meanwhile_ends_both(looking: Client) -> None:
    assert looking.post("/accounts/logout/").status_code == 302
    assert "viewing" not in looking.session
    assert looking.get("/projects/tiny/").status_code == 302


def test_the_test_learner_is_made_once_nobody_signs_in_and_no_statistics_count_it(
    as_dana: Client, led: Cohort, zip_of: Callable[[dict[str, str]], bytes], rings: list[object]
) -> None:
    for _twice in range(2):
        assert as_dana.post("/cohorts/autumn/test-learner/", {"make": "1"}).status_code == 302
    made = Membership.objects.get(is_test=True)
    assert (made.user.has_usable_password(), made.user.is_active) == (False, False)
    assert "Test learner" not in read(as_dana, "/cohorts/autumn/")
    upload = _upload(zip_of({"pipeline/ingest.py": "print(5)"}))
    landed = as_dana.post("/cohorts/autumn/test-learner/", {"milestone": "tiny/ingest", "archive": upload})
    work = Submission.objects.get(enrolment__user=made.user)
    assert landed["Location"] == f"/cohorts/autumn/submissions/{work.pk}/"
    assert "Test learner" in read(as_dana, f"/cohorts/autumn/submissions/{work.pk}/review/")
    as_dana.post("/cohorts/autumn/view-as/", {"learner": made.user.username})
    assert "You see what Test learner sees" in read(as_dana, f"/submissions/{work.pk}/")
    assert list(CohortLine.objects.values_list("verb", flat=True)) == [
        "viewed as",
        "handed in",
        "made the test learner",
    ]


def test_what_is_refused_for_the_test_learner_is_said(
    as_dana: Client, log_in: LogIn, led: Cohort, zip_of: Callable[[dict[str, str]], bytes]
) -> None:
    address, upload = "/cohorts/autumn/test-learner/", zip_of({"pipeline/ingest.py": "print(5)"})
    early = as_dana.post(address, {"milestone": "tiny/ingest", "archive": _upload(upload)})
    assert (early.status_code, "make one first" in early.content.decode()) == (409, True)
    as_dana.post(address, {"make": "1"})
    for told, sentence in (
        ({"milestone": "tiny/clean", "archive": _upload(upload)}, "clean is locked"),
        ({"milestone": "tiny/nothing", "archive": _upload(upload)}, "Choose one of this cohort"),
        ({"milestone": "tiny/ingest", "archive": _upload(b"no zip")}, "zip"),
        ({"milestone": "tiny/ingest"}, "Nothing arrived"),
    ):
        answer = as_dana.post(address, told)
        assert (answer.status_code >= 400, sentence in answer.content.decode()) == (True, True), sentence
    assert log_in(User.objects.get(username="paula")).post(address, {"make": "1"}).status_code == 403


def _upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("tree.zip", content)
