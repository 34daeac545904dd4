"""The pages at the door: a browser without JavaScript, the cast, and work recorded by the real ledger."""

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curriculum.models import Project, Track
from grading.pipeline import Job, void
from grading.verdict import Verdict
from grading.world import Draw
from people.accounts.models import AccessToken, User
from people.accounts.tokens import find_token
from people.cohorts.models import Cohort, Membership, Role
from people.learners import intake, ledger
from people.learners.models import Enrolment, Run, Submission

PIPELINE = {"pipeline/__init__.py": "", "pipeline/ingest.py": "print(5)"}
LogIn = Callable[[User], Client]
Conclude = Callable[[Run, Verdict], None]

PRIVATE = [
    "/live/",
    "/track/",
    "/projects/tiny/",
    "/projects/tiny/map/",
    "/projects/tiny/milestones/ingest/",
    "/projects/tiny/starter.zip",
    "/projects/tiny/world.zip",
    "/projects/tiny/export.zip",
    "/submissions/1/",
    "/submissions/1/live/",
    "/me/",
    "/me/skills/",
    "/cohorts/",
    "/cohorts/autumn/",
]


@pytest.fixture(autouse=True)
def _nobody_works(rings: list[object]) -> None:
    """No worker is rung for in these tests."""


@pytest.fixture
def track(tiny: Project) -> Track:
    return Track.objects.create(slug="ml", title="ML engineer", summary="All the way.", slugs=["tiny"])


@pytest.fixture
def enrolled(alice: User, tiny: Project) -> Enrolment:
    return intake.enrol(alice, tiny)


@pytest.fixture
def handed_in(enrolled: Enrolment) -> Run:
    return intake.submit(enrolled, "ingest", {path: text.encode() for path, text in PIPELINE.items()}, "web")


@pytest.mark.parametrize("address", PRIVATE)
def test_who_is_not_signed_in_is_asked_to(address: str, db: None) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={address}"


def test_the_first_page_tells_about_the_demo_only_on_a_demo(db: None, settings: object) -> None:
    settings.MILEPOST_DEMO = True  # type: ignore[attr-defined]
    shown = Client().get("/").content.decode()
    assert "milepost-demo" in shown
    assert "dana" in shown
    settings.MILEPOST_DEMO = False  # type: ignore[attr-defined]
    shown = Client().get("/").content.decode()
    assert "milepost-demo" not in shown
    assert "Start at milepost 1" in shown


def test_a_visitor_signs_up_and_lands_on_the_track(track: Track) -> None:
    client = Client()
    told = {"username": "zoe", "password1": "seven red lorries", "password2": "seven red lorries"}
    landed = client.post("/accounts/signup/", told, follow=True)
    assert landed.redirect_chain[-1][0] == "/track/"
    assert "Tiny" in landed.content.decode()
    refused = Client().post("/accounts/signup/", {**told, "username": "yan", "password2": "other"})
    assert "You must type the same password each time." in refused.content.decode()


@pytest.mark.parametrize("page", ["login", "signup", "password/reset", "password/reset/done", "logout"])
def test_the_pages_of_the_gate_are_ours(page: str, log_in: LogIn, alice: User) -> None:
    client = log_in(alice) if page == "logout" else Client()
    shown = client.get(f"/accounts/{page}/").content.decode()
    assert 'class="wordmark"' in shown
    assert 'lang="en-gb"' in shown


def test_enrolling_gives_a_map_to_go_on_with(log_in: LogIn, alice: User, track: Track) -> None:
    client = log_in(alice)
    assert "Enrol" in client.get("/track/").content.decode()
    landed = client.post("/projects/tiny/enrol/", follow=True)
    assert landed.redirect_chain == [("/projects/tiny/", 302)]
    shown = landed.content.decode()
    assert "You are enrolled." in shown
    assert "You are here" in shown
    assert "Opens when" in shown


def test_a_brief_shows_what_is_checked_in_its_place(log_in: LogIn, alice: User, tiny: Project) -> None:
    shown = log_in(alice).get("/projects/tiny/milestones/ingest/").content.decode()
    before, _, after = shown.partition("What is checked")
    assert "What you will do" in before
    assert 'class="questions"' in after
    assert after.index('class="questions"') < after.index("Notes")
    assert "{{ checks }}" not in shown
    assert "Enrol first" in shown


def test_a_zip_is_taken_in_and_its_page_opens(
    log_in: LogIn, alice: User, enrolled: Enrolment, zip_of: Callable[[dict[str, str]], bytes]
) -> None:
    archive = SimpleUploadedFile("work.zip", zip_of(PIPELINE))
    landed = log_in(alice).post("/projects/tiny/milestones/ingest/submit/", {"archive": archive}, follow=True)
    assert landed.status_code == 200
    assert "Next in the queue." in landed.content.decode()
    assert Submission.objects.get().via == "web"


def test_a_folder_keeps_its_paths(log_in: LogIn, alice: User, enrolled: Enrolment) -> None:
    files = [SimpleUploadedFile(path.rsplit("/", 1)[-1], text.encode()) for path, text in PIPELINE.items()]
    sent = {"files": files, "paths": list(PIPELINE)}
    log_in(alice).post("/projects/tiny/milestones/ingest/submit/", sent)
    zipped = intake.submit(enrolled, "ingest", {path: text.encode() for path, text in PIPELINE.items()}, "web")
    assert len({submission.tree for submission in Submission.objects.all()}) == 1
    assert zipped.submission.number == 2


def test_a_superseded_submission_says_so_and_leads_on(
    log_in: LogIn, alice: User, enrolled: Enrolment, handed_in: Run
) -> None:
    newer = intake.submit(enrolled, "ingest", {"main.py": b"2"}, "web")
    shown = log_in(alice).get(f"/submissions/{handed_in.submission_id}/").content.decode()
    assert "You handed in again before this was judged, so submission 2 is judged instead." in shown
    assert f'href="/submissions/{newer.submission_id}/"' in shown
    assert "Superseded" in shown
    assert "hx-get" not in shown, "nothing more will happen to it"
    card = log_in(alice).get("/projects/tiny/").content.decode()
    assert "In the queue" in card


def test_a_submission_names_its_commit(
    log_in: LogIn, alice: User, handed_in: Run, conclude: Conclude, passed_ingest: Verdict
) -> None:
    conclude(handed_in, passed_ingest)
    shown = log_in(alice).get(f"/submissions/{handed_in.submission_id}/").content.decode()
    assert f"<code>{handed_in.submission.commit}</code>" in shown


@pytest.mark.parametrize(
    ("kind", "sent", "says", "status"),
    [
        ("ingest", {}, "Nothing arrived.", 400),
        ("ingest", {"archive": b"no zip"}, "This is no zip archive that can be read", 400),
        ("clean", {"archive": "good"}, "clean is locked: it opens when ingest has passed.", 409),
    ],
)
def test_what_is_refused_is_said_beside_the_form(
    kind: str,
    sent: dict[str, bytes | str],
    says: str,
    status: int,
    log_in: LogIn,
    alice: User,
    enrolled: Enrolment,
    zip_of: Callable[[dict[str, str]], bytes],
) -> None:
    content = {name: zip_of(PIPELINE) if what == "good" else what for name, what in sent.items()}
    uploads = {name: SimpleUploadedFile("work.zip", bytes(what)) for name, what in content.items()}  # type: ignore[arg-type]
    answer = log_in(alice).post(f"/projects/tiny/milestones/{kind}/submit/", uploads)
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert not Submission.objects.exists()


def test_a_file_without_its_path_is_refused(log_in: LogIn, alice: User, enrolled: Enrolment) -> None:
    sent = {"files": [SimpleUploadedFile("ingest.py", b"1")]}
    answer = log_in(alice).post("/projects/tiny/milestones/ingest/submit/", sent)
    assert answer.status_code == 400
    assert "Nothing arrived." in answer.content.decode()


def test_the_live_part_is_sent_only_when_there_is_news(
    log_in: LogIn, alice: User, handed_in: Run, conclude: Conclude, passed_ingest: Verdict
) -> None:
    client, pk = log_in(alice), handed_in.submission_id
    mark = client.get(f"/submissions/{pk}/").context["live_mark"]
    assert client.get(f"/submissions/{pk}/live/?seen={mark}").status_code == 204
    conclude(handed_in, passed_ingest)
    answer = client.get(f"/submissions/{pk}/live/?seen={mark}")
    shown = answer.content.decode()
    assert "All 1 checks of ingest hold." in shown
    assert "hx-get" not in shown
    assert 'role="status" hx-swap-oob="true">The verdict is in.' in shown


def test_who_was_signed_out_is_led_to_the_door_with_the_whole_page(client: Client, alice: User) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/submissions/1/"}
    answer = client.get("/submissions/1/live/?seen=1", headers=headers)
    assert answer["HX-Redirect"] == "/accounts/login/?next=/submissions/1/"
    assert b"Sign in" not in answer.content, "the door is not put into the middle of the page"
    client.force_login(alice)
    assert client.get("/submissions/1/live/?seen=1", headers=headers).status_code == 404


def test_asking_for_news_costs_the_same_however_long_the_history(log_in: LogIn, alice: User, handed_in: Run) -> None:
    client, pk = log_in(alice), handed_in.submission_id
    address = f"/submissions/{pk}/live/?seen={client.get(f'/submissions/{pk}/').context['live_mark']}"
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 204
    assert len(queries) <= 7


@pytest.mark.parametrize(("state", "most"), [("queued", 22), ("running", 20), ("judged", 22)])
def test_a_submission_costs_the_same_however_much_happened(
    state: str,
    most: int,
    log_in: LogIn,
    alice: User,
    enrolled: Enrolment,
    handed_in: Run,
    conclude: Conclude,
    passed_ingest: Verdict,
    failed_clean: Verdict,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    conclude(handed_in, passed_ingest)
    for _ in range(3):
        conclude(intake.submit(enrolled, "clean", {"a.py": b""}, "web"), failed_clean)
    runs = [intake.submit(enrolled, "clean", {"a.py": b""}, "web") for _ in range(5)]
    if state != "queued":
        claimed = ledger.claim(runs[-1].pk)
        assert claimed
        for number in range(40):
            ledger.note_event(claimed, "clean", f"line {number}", "output" if number % 2 else "step")
        if state == "judged":
            ledger.record(claimed, failed_clean)
    client = log_in(alice)
    with django_assert_num_queries(most):  # type: ignore[attr-defined]
        shown = client.get(f"/submissions/{runs[-1].submission_id}/").content.decode()
    assert ("What changed since" in shown) == (state == "judged")
    assert ("line 39" in shown) == (state == "running")


def test_a_void_submission_blames_nobody_and_compares_nothing(
    log_in: LogIn, alice: User, handed_in: Run, conclude: Conclude
) -> None:
    Run.objects.filter(pk=handed_in.pk).update(tries=9)
    conclude(handed_in, void(Job("", "ingest", "", Draw(1, 1, "")), "the disk was full"))
    shown = log_in(alice).get(f"/submissions/{handed_in.submission_id}/").content.decode()
    assert "We could not judge this: something on our side failed again and again.</h2>" in shown
    assert "We tried several times by ourselves. It costs you nothing" in shown
    assert "The chain" not in shown
    assert "the disk was full" not in shown


def test_a_failed_submission_tells_the_whole_story(
    log_in: LogIn,
    alice: User,
    enrolled: Enrolment,
    handed_in: Run,
    conclude: Conclude,
    passed_ingest: Verdict,
    failed_clean: Verdict,
) -> None:
    conclude(handed_in, passed_ingest)
    run = intake.submit(enrolled, "clean", {path: text.encode() for path, text in PIPELINE.items()}, "client")
    conclude(run, failed_clean)
    client = log_in(alice)
    shown = client.get(f"/submissions/{run.submission_id}/").content.decode()
    for words in ("A number is there twice, so Tom counts it twice.", "Each number is there once.", "5 numbers"):
        assert words in shown
    assert "Unchanged, so it was not run again." in shown
    assert "command line" in shown
    assert "Not passed" in client.get("/projects/tiny/").content.decode()
    assert "Acquire data" in client.get("/me/skills/").content.decode()


@pytest.mark.parametrize("part", ["", "live/"])
def test_nobody_else_can_see_a_submission(part: str, log_in: LogIn, bob: User, handed_in: Run) -> None:
    answer = log_in(bob).get(f"/submissions/{handed_in.submission_id}/{part}")
    assert answer.status_code == 404
    assert "The road ends here." in answer.content.decode()


@pytest.mark.parametrize("address", ["/projects/none/", "/projects/tiny/milestones/none/", "/cohorts/none/"])
def test_what_is_not_there_is_a_page_that_helps(address: str, log_in: LogIn, alice: User, tiny: Project) -> None:
    answer = log_in(alice).get(address)
    assert answer.status_code == 404
    assert "Your track" in answer.content.decode()


def test_the_starter_is_a_zip_and_a_world_that_is_not_made_yet_says_so(
    log_in: LogIn, alice: User, enrolled: Enrolment
) -> None:
    client = log_in(alice)
    starter = client.get("/projects/tiny/starter.zip")
    assert starter["Content-Type"] == "application/zip"
    assert starter.content.startswith(b"PK")
    answer = client.get("/projects/tiny/world.zip")
    assert answer.status_code == 302
    assert "being made" in str(next(iter(get_messages(answer.wsgi_request))))


def test_a_token_is_shown_once_and_can_be_taken_back(log_in: LogIn, alice: User, bob: User) -> None:
    client = log_in(alice)
    answer = client.post("/me/tokens/", {"name": "laptop", "scopes": "read", "days": "7"})
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    token = answer.context["new_token"]
    assert token in answer.content.decode()
    assert token not in client.get("/me/").content.decode()
    row = AccessToken.objects.get()
    log_in(bob).post(f"/me/tokens/{row.pk}/withdraw/")
    assert find_token(token)
    client.post(f"/me/tokens/{row.pk}/withdraw/")
    assert find_token(token) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines"])
def test_a_token_needs_a_name(name: str, log_in: LogIn, alice: User) -> None:
    answer = log_in(alice).post("/me/tokens/", {"name": name, "scopes": "read", "days": "7"})
    assert answer.status_code == 400
    assert "Give the token a name" in answer.content.decode()
    assert not AccessToken.objects.exists()


def test_an_instructor_sees_where_each_learner_stands_and_nobody_else_does(
    log_in: LogIn, alice: User, bob: User, dana: User, handed_in: Run, track: Track
) -> None:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.INSTRUCTOR)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    shown = log_in(dana).get("/cohorts/autumn/").content.decode()
    assert "Alice" in shown
    assert "In the queue" in shown
    assert "Not enrolled yet" in shown
    assert "Autumn" in log_in(dana).get("/track/").content.decode()
    assert log_in(alice).get("/cohorts/autumn/").status_code == 404


def test_reading_asks_and_writing_posts(log_in: LogIn, alice: User, tiny: Project) -> None:
    client = log_in(alice)
    assert client.get("/projects/tiny/enrol/").status_code == 405
    assert client.post("/track/").status_code == 405


def test_a_form_without_its_secret_is_refused_with_a_remedy(alice: User, tiny: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post("/projects/tiny/enrol/")
    assert answer.status_code == 403
    assert "That form had gone stale." in answer.content.decode()


def test_before_anything_is_published_the_track_says_what_to_do(log_in: LogIn, alice: User) -> None:
    answer = log_in(alice).get("/track/")
    assert answer.status_code == 200
    assert "No project has been published on this track yet." in answer.content.decode()


def test_an_instructor_reads_the_work_of_their_own_learners_and_of_nobody_else(
    alice: User, bob: User, dana: User, log_in: LogIn, enrolled: Enrolment
) -> None:
    run = intake.submit(enrolled, "ingest", {path: text.encode() for path, text in PIPELINE.items()}, "web")
    for slug, learner in (("autumn", alice), ("spring", bob)):
        cohort = Cohort.objects.create(slug=slug, title=slug, project_slugs=["tiny"])
        Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)
        Membership.objects.create(cohort=cohort, user=learner, role=Role.LEARNER)
    address = f"/cohorts/autumn/submissions/{run.submission_id}/"
    shown = log_in(dana).get(address)
    assert "You are looking at Alice" in shown.content.decode()
    assert address in log_in(dana).get("/cohorts/autumn/").content.decode()
    assert log_in(dana).get(address.replace("autumn", "spring")).status_code == 404
    assert log_in(bob).get(address).status_code == 404
    assert log_in(alice).get(address).status_code == 404, "hers is at an address of her own"
