"""The pages that say who is stuck, on which check and why."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners import intake
from people.learners.models import Run
from scripts.crowd import make_crowd

LogIn = Callable[[User], Client]
PAGES = ("", "stoppers/", "at-risk/", "checks/{slug}/clean/", "standing/{slug}-00003/")

pytestmark = pytest.mark.django_db


@pytest.fixture
def stuck(
    alice: User,
    bob: User,
    dana: User,
    tiny: Project,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    failed_clean: Verdict,
) -> Run:
    """Dana leads Alice and Bob; a check of clean stops Alice."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.OWNER)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    enrolment = intake.enrol(alice, tiny)
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"0"}, "test"), passed_ingest)
    run = intake.submit(enrolment, "clean", {"main.py": b"1"}, "test")
    conclude(run, failed_clean)
    return run


@pytest.fixture
def lead(dana: User) -> Callable[[int, str], Cohort]:
    def make(size: int, slug: str) -> Cohort:
        cohort = make_crowd(size, slug)
        Membership.objects.create(cohort=cohort, user=dana, role=Role.OWNER)
        return cohort

    return make


def test_a_small_cohort_is_a_table_that_says_which_check(log_in: LogIn, dana: User, stuck: Run) -> None:
    shown = log_in(dana).get("/cohorts/autumn/").content.decode()
    assert "2 of 2 learners." in shown
    assert '<p class="why">Each number is there once.</p>' in shown
    assert f"/cohorts/autumn/submissions/{stuck.submission_id}/" in shown
    assert "?project=tiny&amp;check=clean%2Fno_number_appears_twice" in shown
    assert '<svg class="map"' not in shown


def test_a_large_cohort_is_a_drawing_and_a_table_in_pages(
    log_in: LogIn, dana: User, lead: Callable[[int, str], Cohort]
) -> None:
    lead(130, "crowd")
    first = log_in(dana).get("/cohorts/crowd/").content.decode()
    assert first.count('<svg class="map"') == 1
    assert first.count('<tr><th scope="row">') == 60
    assert "Page 1 of 3" in first
    assert first.count("<path") < 400, "one for each state, and those of the words' signs"
    last = log_in(dana).get("/cohorts/crowd/?page=3&sort=name").content.decode()
    assert last.count('<tr><th scope="row">') == 10
    assert "sort=name" in last


def test_whom_to_show_is_chosen_and_what_is_unknown_is_refused_in_words(log_in: LogIn, dana: User, stuck: Run) -> None:
    client = log_in(dana)
    shown = client.get("/cohorts/autumn/?project=tiny&check=clean/no_number_appears_twice").content.decode()
    assert "1 of 2 learners." in shown
    assert "Only those whom clean/no_number_appears_twice stops now." in shown
    assert "Nobody stands so." in client.get("/cohorts/autumn/?state=queued").content.decode()
    refused = client.get("/cohorts/autumn/?state=nonsense")
    assert refused.status_code == 400
    assert "Choose one of these, or leave it out: stuck, passed" in refused.content.decode()
    assert client.get("/cohorts/autumn/?project=other").status_code == 404


def test_a_learners_row_leads_to_the_very_output(log_in: LogIn, dana: User, stuck: Run) -> None:
    shown = log_in(dana).get("/cohorts/autumn/standing/alice/").content.decode()
    assert "A number is there twice, so Tom counts it twice." in shown
    assert f"/cohorts/autumn/submissions/{stuck.submission_id}/" in shown
    assert "Not enrolled yet" in log_in(dana).get("/cohorts/autumn/standing/bob/").content.decode()
    assert log_in(dana).get("/cohorts/autumn/standing/charlie/").status_code == 404


def test_the_checks_of_a_milestone_over_all_learners(log_in: LogIn, dana: User, stuck: Run) -> None:
    shown = log_in(dana).get("/cohorts/autumn/checks/tiny/clean/").content.decode()
    assert "Does not hold" in shown
    assert "Not judged yet" in shown
    assert log_in(dana).get("/cohorts/autumn/checks/tiny/nonsense/").status_code == 404
    assert log_in(dana).get("/cohorts/autumn/checks/other/clean/").status_code == 404


def test_what_stops_the_cohort_leads_to_whom_it_stops(log_in: LogIn, dana: User, stuck: Run) -> None:
    shown = log_in(dana).get("/cohorts/autumn/stoppers/").content.decode()
    assert "Each number is there once." in shown
    assert "1 learner" in shown
    Cohort.objects.update(project_slugs=[])
    assert "This cohort has no project yet." in log_in(dana).get("/cohorts/autumn/stoppers/").content.decode()


def test_signals_are_set_on_the_page_that_lists_whom_they_name(log_in: LogIn, dana: User, stuck: Run) -> None:
    client, address = log_in(dana), "/cohorts/autumn/at-risk/"
    assert "No signal holds for anybody." in client.get(address).content.decode()
    assert client.post(address, {"failed_in_a_row": "2", "attempts_used": "on"}).status_code == 302
    assert Cohort.objects.get().signals == {
        "idle_days": None,
        "failed_in_a_row": 2,
        "attempts_used": True,
        "due_days": None,
    }
    refused = client.post(address, {"idle_days": "soon", "due_days": "4"})
    assert refused.status_code == 400
    shown = refused.content.decode()
    assert "Give a whole number from 1 to 365, or switch the signal off." in shown
    assert 'value="soon" aria-invalid="true"' in shown
    assert 'value="4"' in shown
    assert Cohort.objects.get().signals["failed_in_a_row"] == 2


def test_an_observer_reads_the_signals_and_sets_none(log_in: LogIn, dana: User, stuck: Run) -> None:
    Membership.objects.filter(user=dana).update(role=Role.OBSERVER)
    shown = log_in(dana).get("/cohorts/autumn/at-risk/").content.decode()
    assert "Set the signals" not in shown
    assert "Days without handing in" in shown
    assert log_in(dana).post("/cohorts/autumn/at-risk/", {}).status_code == 403
    assert Cohort.objects.get().signals == {}


def test_two_dozen_learners_take_as_many_queries_as_a_hundred(
    log_in: LogIn, dana: User, lead: Callable[[int, str], Cohort]
) -> None:
    client = log_in(dana)

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    counts = []
    for size, slug in ((24, "few"), (100, "many")):
        lead(size, slug)
        counts.append({page: count(f"/cohorts/{slug}/{page.format(slug=slug)}") for page in PAGES})
    assert counts[0] == counts[1]
    assert max(counts[0].values()) <= 22


@pytest.mark.parametrize("page", ["", "stoppers/", "at-risk/", "checks/tiny/clean/", "standing/alice/"])
def test_for_everybody_else_there_is_no_such_page(
    page: str, log_in: LogIn, alice: User, charlie: User, stuck: Run
) -> None:
    assert log_in(charlie).get(f"/cohorts/autumn/{page}").status_code == 404
    assert log_in(alice).get(f"/cohorts/autumn/{page}").status_code == 404
