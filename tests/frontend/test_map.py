"""Where a learner stands and how they go on: start page, track and project, with work from the real ledger."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curriculum.models import Milestone, Project, Track
from grading.verdict import Verdict
from people.accounts.models import User
from people.learners import intake, ledger
from people.learners.models import Enrolment, Run

LogIn = Callable[[User], Client]
Conclude = Callable[[Run, Verdict], None]
WORK = {"pipeline/ingest.py": b"print(5)"}


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
def hand_in(enrolled: Enrolment, conclude: Conclude) -> Callable[..., Run]:
    """Hand in for a milestone, and have it judged so."""

    def hand(kind: str, verdict: Verdict | None = None) -> Run:
        run = intake.submit(enrolled, kind, {**WORK, "n": str(enrolled.submissions.count()).encode()}, "web")
        if verdict:
            conclude(run, verdict)
        return run

    return hand


def read(client: Client, path: str) -> str:
    """The page as a person reads it, on one line."""
    return re.sub(r"\s+", " ", client.get(path).content.decode())


@pytest.fixture
def failing_ingest(failed_clean: Verdict) -> Verdict:
    """Ingest answers one check with no and never comes to another."""
    own = replace(failed_clean.own, kind="ingest")
    return replace(failed_clean, kind="ingest", chain=(own,))


def test_who_takes_nothing_is_led_to_the_track(log_in: LogIn, alice: User, track: Track) -> None:
    shown = read(log_in(alice), "/")
    assert "Begin your first project" in shown
    assert "See the whole track" in shown
    assert "Start at milepost 1" in read(Client(), "/")


def test_the_start_page_says_where_to_go_on_and_the_command(
    log_in: LogIn, alice: User, hand_in: Callable[..., Run], failing_ingest: Verdict
) -> None:
    run = hand_in("ingest", failing_ingest)
    shown = read(log_in(alice), "/")
    clean = Milestone.objects.get(kind="clean").title
    assert f"Missing before milepost 2, “{clean}”, opens" in shown
    assert "Each number is there once." in shown
    assert "A number is there twice, so Tom counts it twice." in shown
    assert "<span>They are in order.</span> <span" in shown
    assert "(not asked)" in shown
    assert f'href="/submissions/{run.submission_id}/#check-no_number_appears_twice"' in shown
    assert "milepost check ingest" in shown
    assert re.search(r'<a class="button main" id="go-on-tiny" href="/projects/tiny/milestones/ingest/">Continue', shown)
    assert "hx-get" not in shown, "nothing waits"


def test_a_lock_on_the_map_says_how_many_checks_are_missing(
    log_in: LogIn, alice: User, hand_in: Callable[..., Run], failing_ingest: Verdict
) -> None:
    client = log_in(alice)
    hand_in("ingest")
    assert "required checks" not in read(client, "/projects/tiny/")
    hand_in("ingest", failing_ingest)
    shown = read(client, "/projects/tiny/")
    assert '<a href="#missing">2 required checks are missing.</a>' in shown
    assert 'id="missing"' in shown


def test_what_need_not_hold_is_not_missing(
    log_in: LogIn, alice: User, hand_in: Callable[..., Run], failing_ingest: Verdict
) -> None:
    own = failing_ingest.own
    results = (own.results[0], replace(own.results[1], required=False))
    hand_in("ingest", replace(failing_ingest, chain=(replace(own, results=results),)))
    shown = read(log_in(alice), "/projects/tiny/")
    assert "1 required check is missing." in shown
    assert "They are in order." not in shown.partition('id="map-title"')[0]


def test_broken_code_is_said_in_its_sentence(
    log_in: LogIn, alice: User, hand_in: Callable[..., Run], broken_ingest: Verdict
) -> None:
    hand_in("ingest", broken_ingest)
    shown = read(log_in(alice), "/")
    assert "Did not run" in shown
    assert "Your ingest stopped with an error: ValueError: [bold]five[/bold]" in shown
    assert "Missing before" not in shown


def test_who_made_it_regress_is_named_and_linked(
    log_in: LogIn,
    alice: User,
    bob: User,
    hand_in: Callable[..., Run],
    passed_ingest: Verdict,
    failing_ingest: Verdict,
) -> None:
    hand_in("ingest", passed_ingest)
    run = hand_in("clean", replace(failing_ingest, kind="clean", guilty="ingest"))
    for path in ("/", "/projects/tiny/"):
        shown = read(log_in(alice), path)
        assert "Regressed" in shown
        assert f'<a href="/submissions/{run.submission_id}/">submission 2</a> makes it fail' in shown
        assert "milepost check ingest" in shown
    hand_in("ingest", passed_ingest)
    shown = read(log_in(alice), "/")
    title = Milestone.objects.get(kind="ingest").title
    assert f"never came to this milestone: “{title}” stopped it." in shown
    assert "Each number is there once." not in shown, "it was of ingest, which passes again"
    assert f"/submissions/{run.submission_id}/" not in read(log_in(bob), "/projects/tiny/")


def test_an_earlier_cause_is_named(
    log_in: LogIn, alice: User, hand_in: Callable[..., Run], passed_ingest: Verdict, failed_clean: Verdict
) -> None:
    hand_in("ingest", passed_ingest)
    hand_in("clean", replace(failed_clean, guilty="ingest"))
    shown = read(log_in(alice), "/projects/tiny/")
    assert 'The cause lies earlier: look at <a href="/projects/tiny/milestones/ingest/">' in shown
    assert "Missing before it passes" in shown, "it is the last: it opens nothing"


def test_who_has_passed_all_is_shown_what_it_proved(
    log_in: LogIn, alice: User, hand_in: Callable[..., Run], passed_ingest: Verdict, failed_clean: Verdict
) -> None:
    hand_in("ingest", passed_ingest)
    passed = replace(failed_clean.own, outcome=passed_ingest.outcome, results=())
    hand_in("clean", replace(failed_clean, outcome=passed_ingest.outcome, chain=(*failed_clean.chain[:-1], passed)))
    assert "See what it proved" in read(log_in(alice), "/")
    shown = read(log_in(alice), "/projects/tiny/")
    assert "You have driven the whole road." in shown
    assert "2 of 2 milestones passed" in shown


def test_the_track_says_of_each_milestone_its_state_its_effort_and_what_it_shows(
    log_in: LogIn, alice: User, track: Track
) -> None:
    Milestone.objects.filter(kind="ingest").update(
        minutes=300, questions=[{"name": "a", "question": "A.", "skills": ["acquire-data", "own-word"], "level": 1}]
    )
    Milestone.objects.filter(kind="clean").update(minutes=90)
    shown = read(log_in(alice), "/track/")
    assert "Project 1 of 1" in shown
    assert "2 milestones · about 6 hours" in shown
    assert "About 5 hours · shows: Acquire data, own-word" in shown
    assert "About 90 minutes" in shown
    assert "Locked" in shown


@pytest.mark.parametrize(("page", "live"), [("/", "/live/"), ("/projects/tiny/", "/projects/tiny/map/")])
def test_what_is_being_judged_is_looked_at_again_until_it_is_judged(
    page: str, live: str, log_in: LogIn, alice: User, hand_in: Callable[..., Run], passed_ingest: Verdict
) -> None:
    run, client = hand_in("ingest"), log_in(alice)

    def look(shown: str) -> str:
        found = re.search(rf'hx-get="({live}\?seen=[\d.]+)" hx-trigger="look"', shown)
        assert found
        return found[1]

    shown = read(client, page)
    assert "In the queue" in shown
    assert re.search(f'href="/submissions/{run.submission_id}/">\\s*Watch it live', shown)
    assert client.get(look(shown)).status_code == 204
    claimed = ledger.claim(run.pk)
    assert claimed
    shown = read(client, look(shown))
    assert "Being judged" in shown
    assert client.get(look(shown)).status_code == 204
    ledger.record(claimed, passed_ingest)
    shown = read(client, look(shown))
    assert 'role="status" hx-swap-oob="true">The verdict is in' in shown
    assert "hx-get" not in shown


def test_another_learners_runs_are_no_news(
    log_in: LogIn, alice: User, bob: User, tiny: Project, hand_in: Callable[..., Run]
) -> None:
    hand_in("ingest")
    client = log_in(alice)
    mark = client.get("/").context["live_mark"]
    intake.submit(intake.enrol(bob, tiny), "ingest", WORK, "web")
    assert client.get(f"/live/?seen={mark}").status_code == 204
    assert "In the queue" in read(log_in(bob), "/")
    assert Client().get(f"/live/?seen={mark}").status_code == 302


@pytest.fixture
def copy_project(tiny: Project) -> Callable[[int], Project]:
    def copy(number: int) -> Project:
        milestones = list(tiny.milestones.all())
        project = Project.objects.get(pk=tiny.pk)
        project.pk, project.slug, project.title = None, f"tiny-{number}", f"Tiny {number}"
        project.save()
        for milestone in milestones:
            milestone.pk, milestone.project = None, project
            milestone.save()
        return project

    return copy


def test_twenty_enrolments_cost_what_one_costs(
    log_in: LogIn,
    alice: User,
    track: Track,
    hand_in: Callable[..., Run],
    conclude: Conclude,
    copy_project: Callable[[int], Project],
    failing_ingest: Verdict,
) -> None:
    hand_in("ingest", failing_ingest)
    client = log_in(alice)
    most = {"/": 22, "/track/": 16, "/projects/tiny/": 20, "/projects/tiny/map/": 15}

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    for path in most:
        client.get(path)
    assert {path: count(path) for path in most} == most
    for number in range(19):
        project = copy_project(number)
        track.slugs.append(project.slug)
        run = intake.submit(intake.enrol(alice, project), "ingest", {**WORK, "n": b"%d" % number}, "web")
        conclude(run, failing_ingest)
    track.save()
    assert {path: count(path) for path in most} == most
    for path in ("/", "/track/"):
        assert "Tiny 18" in read(client, path)
