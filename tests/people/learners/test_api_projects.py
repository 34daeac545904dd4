"""Projects, enrolments and what they bring: the starter and the practice world."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from django.core.cache import cache
from rest_framework.response import Response
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.facilities import open_package
from grading.verdict import Verdict
from grading.world import make_world
from people.accounts.models import User
from people.learners import intake
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import Enrolment, Run

Api = Callable[[User], APIClient]
Rings = list[tuple[str, tuple[object, ...]]]


def test_projects_are_listed_with_their_milestones_in_as_many_queries_for_one_as_for_many(
    api: Api, alice: User, tiny: Project, django_assert_num_queries: Callable[[int], object]
) -> None:
    client = api(alice)
    client.get("/api/me")
    with django_assert_num_queries(4):
        [project] = client.get("/api/projects").json()["results"]
    assert (project["slug"], project["title"]) == ("tiny", "Tiny")
    assert [milestone["kind"] for milestone in project["milestones"]] == ["ingest", "clean"]
    assert project["milestones"][1]["checks"][0]["question"] == "Each number is there once."
    for number in range(3):
        Project.objects.create(slug=f"other-{number}", digest="0", title="Other")
    with django_assert_num_queries(4):
        assert client.get("/api/projects").json()["count"] == 4


def test_a_project_comes_with_its_story_and_briefs_and_an_unknown_one_with_a_remedy(
    api: Api, alice: User, tiny: Project
) -> None:
    project = api(alice).get("/api/projects/tiny").json()
    assert "Tom counts" in project["story"]
    assert "{{ checks }}" in project["milestones"][0]["brief"]
    missing = api(alice).get("/api/projects/tinny")
    assert (missing.status_code, missing.json()["field"]) == (404, "project")
    assert missing.json()["remedy"] == "GET /api/projects lists them."


def test_to_enrol_twice_is_to_enrol_once(
    api: Api, alice: User, tiny: Project, rings: Rings, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        first = api(alice).post("/api/projects/tiny/enrolment")
        second = api(alice).post("/api/projects/tiny/enrolment")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["next"] == "ingest"
    assert rings == [("make_worlds", (Enrolment.objects.get().pk, 1))]


def test_a_learner_chooses_the_business_once_and_sits_beside_nobody_like_them(
    api: Api, alice: User, bob: User, tiny: Project, rings: Rings
) -> None:
    Project.objects.filter(pk=tiny.pk).update(domains=["plain", "fancy"])

    unknown = api(alice).post("/api/projects/tiny/enrolment", {"domain": "grim"}, format="json")
    chosen = api(alice).post("/api/projects/tiny/enrolment", {"domain": "fancy"}, format="json")
    again = api(alice).post("/api/projects/tiny/enrolment", {"domain": "plain"}, format="json")
    silent = api(bob).post("/api/projects/tiny/enrolment")

    assert (unknown.status_code, unknown.json()["code"], unknown.json()["field"]) == (400, "unknown-domain", "domain")
    assert "it has plain, fancy" in unknown.json()["detail"]
    assert [answer.json()["domain"] for answer in (chosen, again, silent)] == ["fancy", "fancy", "plain"]
    assert [enrolment.seat for enrolment in Enrolment.objects.order_by("pk")] == [0, 1]


def test_an_enrolment_stays_on_its_edition(api: Api, alice: User, bob: User, tiny: Project, rings: Rings) -> None:
    api(alice).post("/api/projects/tiny/enrolment")
    Project.objects.filter(pk=tiny.pk).update(is_current=False)
    newer = Project.objects.create(
        slug="tiny", number=2, digest="newer", title="Tiny", version="2.0", domains=["plain"]
    )
    assert api(alice).get("/api/projects/tiny").json()["version"] == "1.0"
    assert api(bob).get("/api/projects/tiny").json()["version"] == newer.version


def test_standing_is_told_per_milestone_in_as_many_queries_for_one_enrolment_as_for_many(
    api: Api,
    alice: User,
    bob: User,
    tiny: Project,
    rings: Rings,
    hand_in: Callable[..., Response],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    client = api(alice)
    client.post("/api/projects/tiny/enrolment")
    number = hand_in(client).json()["id"]
    conclude(Run.objects.get(), passed_ingest)
    with django_assert_num_queries(9):
        [enrolment] = client.get("/api/enrolments").json()["results"]
    ingest, clean = enrolment["milestones"]
    assert (ingest["state"], ingest["submission"]) == ("passed", number)
    assert (clean["state"], enrolment["next"]) == ("open", "clean")
    assert enrolment["page"] == "http://testserver/projects/tiny/"
    for name in ("one", "two", "three"):
        other = Project.objects.create(slug=name, digest="0", title=name, domains=["plain"])
        other.milestones.create(kind="ingest", position=1, minutes=5)
        intake.enrol(alice, other)
    with django_assert_num_queries(9):
        assert client.get("/api/enrolments").json()["count"] == 4
    assert api(bob).get("/api/enrolments").json()["results"] == []


def test_what_opens_a_locked_milestone_is_told(api: Api, alice: User, tiny: Project, rings: Rings) -> None:
    enrolment = api(alice).post("/api/projects/tiny/enrolment").json()
    assert [(m["state"], m["opener"]) for m in enrolment["milestones"]] == [("open", None), ("locked", "ingest")]


def test_the_starter_is_the_same_zip_each_time(api: Api, alice: User, tiny: Project) -> None:
    answers = [api(alice).get("/api/projects/tiny/starter") for _ in range(2)]
    contents = [answer.content for answer in answers]
    assert contents[0] == contents[1]
    assert answers[0]["Content-Disposition"] == 'attachment; filename="tiny-starter.zip"'
    names = zipfile.ZipFile(io.BytesIO(contents[0])).namelist()
    assert names == ["pipeline/__init__.py", "pipeline/ingest.py"]


@pytest.fixture
def practice(alice: User, tiny: Project, rings: Rings) -> dict[str, list[int]]:
    """The numbers of Alice's practice world and of the first world that judges her, both made."""
    enrolment = intake.enrol(alice, tiny)
    package = open_package(store(), tiny.tree)
    told = {}
    for name, number in (("practice", PRACTICE), ("judging", 1)):
        world = make_world(package, draw_for(enrolment, number), store())
        told[name] = json.loads(store().read(world.truth, "numbers.json"))
    return told


def test_the_world_is_the_practice_world_with_its_truth_and_no_other(
    api: Api, alice: User, bob: User, practice: dict[str, list[int]]
) -> None:
    answer = api(alice).get("/api/projects/tiny/world", headers={"Accept": "application/zip"})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    named = ["edition.json", "facts.json", "raw/api/extra.json", "raw/numbers.txt", "truth/numbers.json"]
    assert archive.namelist() == named
    edition = json.loads(archive.read("edition.json"))
    assert (edition["project"], edition["edition"], edition["version"]) == ("tiny", 1, "1.0")
    assert json.loads(archive.read("facts.json")) == {"unit": "apples"}
    assert json.loads(archive.read("truth/numbers.json")) == practice["practice"] != practice["judging"]
    outsider = api(bob).get("/api/projects/tiny/world")
    assert (outsider.status_code, outsider.json()["code"]) == (404, "not-enrolled")


def test_a_world_that_is_not_made_yet_is_asked_for_once(api: Api, alice: User, tiny: Project, rings: Rings) -> None:
    cache.clear()
    enrolment = intake.enrol(alice, tiny)
    rings.clear()
    for _ in range(3):
        answer = api(alice).get("/api/projects/tiny/world")
        assert (answer.status_code, answer.json()["code"]) == (409, "not-ready")
        assert answer.json()["remedy"] == "Ask again in a few seconds."
    assert rings == [("make_worlds", (enrolment.pk, 1))]
