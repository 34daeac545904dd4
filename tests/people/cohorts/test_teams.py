"""A team shares one enrolment and one repository; whose the work is, its commits say."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership, Role
from people.employers.levels import Part
from people.employers.queries import read_evidence
from people.learners import intake, queries, saving
from people.learners.models import Run
from people.learners.repositories import open_repository

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def cohort(alice: User, bob: User, dana: User, tiny: Project, rings: list[object]) -> Cohort:
    """Dana leads Alice and Bob."""
    made = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.OWNER)):
        Membership.objects.create(cohort=made, user=user, role=role)
    return made


def form(client: Client, *learners: str, name: str = "Blue", project: str = "tiny") -> int:
    asked = {"project": project, "name": name, "learners": list(learners)}
    return client.post("/api/cohorts/autumn/teams", asked, content_type="application/json").status_code


def save(user: User, path: str, text: str) -> None:
    enrolment = queries.access_enrolment(user, "tiny")
    files = saving.list_files(open_repository(enrolment))
    saving.save_file(enrolment, path, files[path].name if path in files else "", text)


def test_a_team_works_in_one_repository_and_evidence_goes_to_whose_commits_are_in_it(
    log_in: LogIn,
    make_user: Callable[[str], User],
    alice: User,
    bob: User,
    dana: User,
    cohort: Cohort,
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    idle = make_user("frank")
    Membership.objects.create(cohort=cohort, user=idle, role=Role.LEARNER)
    assert form(log_in(dana), "alice", "bob", "frank") == 201
    mine, theirs = (queries.access_enrolment(user, "tiny") for user in (alice, bob))
    assert mine == theirs
    assert mine.key == theirs.key, "they have the same data"
    save(bob, "notes.py", "print(1)\n")
    save(bob, "notes.py", "print(2)\n")
    save(alice, "main.py", "print(5)\n")
    run = intake.submit_saved(mine, "ingest")
    assert run.submission.by == alice
    shown = log_in(bob).get("/projects/tiny/milestones/ingest/").content.decode()
    assert "Team Blue" in shown
    assert "Bob 2, Alice 1." in shown
    conclude(run, passed_ingest)
    for user in (alice, bob, idle):
        client = log_in(user)
        assert client.get(f"/submissions/{run.submission_id}/").status_code == 200
        assert queries.passed_kinds(queries.access_enrolment(user, "tiny")) == {"ingest"}
    [hers], [his] = (read_evidence(user) for user in (alice, bob))
    assert (hers.part, his.part) == (Part(1, 3, 2), Part(2, 3, 2))
    assert read_evidence(idle) == [], "whoever did nothing has shown nothing"
    assert "in a team: 2 of 3 commits, by 2 people" in log_in(bob).get("/me/skills/").content.decode()


def test_who_joins_and_leaves_loses_nothing(
    log_in: LogIn,
    alice: User,
    bob: User,
    dana: User,
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    alone = intake.enrol(bob, Project.objects.get(slug="tiny"))
    own = intake.submit(alone, "ingest", {"main.py": b"own"}, "web")
    conclude(own, passed_ingest)
    leader = log_in(dana)
    assert form(leader, "alice", "bob") == 201
    team = queries.access_enrolment(bob, "tiny")
    assert queries.passed_kinds(team) == set(), "a team begins anew, on data of its own"
    assert log_in(bob).get(f"/submissions/{own.submission_id}/").status_code == 200, "what he did alone is still his"
    shared = intake.submit(team, "ingest", {"main.py": b"shared"}, "web")
    conclude(shared, passed_ingest)
    address = f"/api/cohorts/autumn/teams/{team.pk}/learners"
    assert leader.delete(f"{address}/bob").status_code == 204
    assert queries.access_enrolment(bob, "tiny") == alone
    assert queries.passed_kinds(queries.access_enrolment(bob, "tiny")) == {"ingest"}
    assert {item.submission_id for item in read_evidence(bob)} <= {own.submission_id, shared.submission_id}
    later = intake.submit(queries.access_enrolment(alice, "tiny"), "clean", {"main.py": b"later"}, "web")
    assert log_in(bob).get(f"/submissions/{shared.submission_id}/").status_code == 200
    assert log_in(bob).get(f"/submissions/{later.submission_id}/").status_code == 404, "he had left by then"
    joined = leader.post(address, {"learner": "bob"}, content_type="application/json")
    assert joined.json()["learners"] == ["alice", "bob"]
    assert queries.access_enrolment(bob, "tiny") == team
    verbs = CohortLine.objects.filter(learner=bob).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["let into a team", "let out of a team", "let into a team"]


def test_what_cannot_be_a_team_is_refused_and_changes_nothing(
    log_in: LogIn, make_user: Callable[[str], User], dana: User, charlie: User, cohort: Cohort
) -> None:
    leader = log_in(dana)
    for number in range(7):
        Membership.objects.create(cohort=cohort, user=make_user(f"more{number}"), role=Role.LEARNER)
    assert form(leader) == 400
    assert form(leader, *(f"more{number}" for number in range(7))) == 400, "seven are too many"
    assert form(leader, "alice", name=" ") == 400
    assert form(leader, "alice", project="other") == 400
    assert form(leader, "charlie") == 404, "no learner of this cohort"
    assert form(leader, "alice", "bob") == 201
    answer = leader.post(
        reverse("frontend:teams", args=["autumn"]), {"project": "tiny", "name": "Red", "learners": ["bob", "more1"]}
    )
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Bob is in the team Blue already." in shown
    assert 'value="Red"' in shown, "the form keeps what it had"
    assert queries.find_enrolment(make_user("nobody"), "tiny") is None
    assert form(log_in(charlie), "alice") == 404
    Membership.objects.filter(user=dana).update(role=Role.OBSERVER)
    assert form(leader, "more1") == 403
    assert "Form a team" not in leader.get("/cohorts/autumn/teams/").content.decode()


@pytest.mark.parametrize("teams", [1, 5])
def test_the_page_of_teams_costs_the_same_for_any_number(
    log_in: LogIn,
    make_user: Callable[[str], User],
    dana: User,
    cohort: Cohort,
    teams: int,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    leader = log_in(dana)
    for number in range(teams):
        pair = [make_user(f"{one}{number}") for one in ("ann", "ben")]
        for user in pair:
            Membership.objects.create(cohort=cohort, user=user, role=Role.LEARNER)
        assert form(leader, *(user.username for user in pair), name=f"Team {number}") == 201
    with django_assert_num_queries(8):  # type: ignore[attr-defined]
        assert leader.get("/cohorts/autumn/teams/").status_code == 200
