"""Cohorts, who leads them and in which sections people are, at the door: who may, what is refused, what is noted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from curriculum.models import Project, Track
from people.accounts.models import User
from people.cohorts import demo
from people.cohorts.models import Cohort, CohortLine, Membership, Role, Section
from people.learners import intake
from people.learners.models import Enrolment

LogIn = Callable[[User], Client]
API = "/api/cohorts/autumn"
JSON = {"content_type": "application/json"}


def list_verbs(cohort: Cohort) -> list[str]:
    return list(cohort.lines.order_by("pk").values_list("verb", flat=True))


def list_names(answer: Any) -> list[str]:
    return [one["username"] for one in answer.json()["results"]]


@pytest.fixture
def erins(autumn: Cohort, erin: User) -> Membership:
    return Membership.objects.create(cohort=autumn, user=erin, role=Role.OBSERVER)


def test_staff_creates_a_cohort_of_a_track_and_owns_it(log_in: LogIn, charlie: User, tiny: Project) -> None:
    Track.objects.create(slug="ml", title="ML", slugs=["tiny", "not-published"])
    asked = {"title": "Autumn, Berlin", "track": "ml", "zone": "Europe/Berlin"}
    refused = log_in(charlie).post("/api/cohorts", asked, **JSON)
    assert refused.status_code == 403
    assert refused.json()["remedy"] == "Ask whoever runs this site."
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    made = log_in(charlie).post("/api/cohorts", asked, **JSON)
    assert made.status_code == 201
    told = {"slug": "autumn-berlin", "title": "Autumn, Berlin", "projects": ["tiny"], "role": "owner"}
    assert made.json() == {**told, "archived_at": None}
    cohort = Cohort.objects.get()
    assert (cohort.zone, list_verbs(cohort)) == ("Europe/Berlin", ["created"])


def test_owners_and_instructors_may_create_another_and_observers_may_not(
    log_in: LogIn, dana: User, erin: User, erins: Membership
) -> None:
    asked = {"title": "Spring"}
    assert log_in(erin).post("/api/cohorts", asked, **JSON).status_code == 403
    assert log_in(dana).post("/api/cohorts", asked, **JSON).status_code == 201


def test_everybody_may_where_the_site_says_so(log_in: LogIn, charlie: User, settings: Any) -> None:
    settings.MILEPOST_OPEN_COHORTS = True
    assert log_in(charlie).post("/api/cohorts", {"title": "Mine"}, **JSON).status_code == 201


def test_two_cohorts_of_one_title_have_two_addresses_and_none_that_is_a_page(log_in: LogIn, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(is_staff=True)
    made = [log_in(dana).post("/api/cohorts", {"title": title}, **JSON) for title in ("New", "Neu", "Neu", "秋")]
    slugs = [one.json()["slug"] for one in made]
    assert len(set(slugs)) == 4
    assert "new" not in slugs


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\u0000b"}, "title"),
        ({"title": "Autumn", "projects": ["none"]}, "projects"),
        ({"title": "Autumn", "track": "none"}, "track"),
        ({"title": "Autumn", "zone": "Mars/Base"}, "zone"),
    ],
)
def test_what_a_cohort_cannot_be_is_said_by_its_field(
    log_in: LogIn, dana: User, autumn: Cohort, asked: dict[str, Any], field: str
) -> None:
    for answer in (log_in(dana).post("/api/cohorts", asked, **JSON), log_in(dana).put(API, asked, **JSON)):
        assert answer.status_code == 400
        assert answer.json()["field"] == field
    autumn.refresh_from_db()
    assert (autumn.title, autumn.project_slugs, Cohort.objects.count()) == ("Autumn", ["tiny"], 1)


def test_only_an_owner_settles_what_a_cohort_takes(
    log_in: LogIn, dana: User, erin: User, erins: Membership, autumn: Cohort
) -> None:
    asked = {"title": "Winter", "projects": []}
    assert log_in(erin).put(API, asked, **JSON).status_code == 403
    assert log_in(dana).put(API, asked, **JSON).json()["title"] == "Winter"
    assert list_verbs(autumn) == ["settled"]


def test_an_owner_appoints_changes_and_dismisses_who_leads(
    log_in: LogIn, dana: User, erin: User, autumn: Cohort, owner: Membership
) -> None:
    Section.objects.create(cohort=autumn, title="North")
    client = log_in(dana)
    made = client.post(f"{API}/leaders", {"account": "Erin", "role": "assistant", "sections": ["North"]}, **JSON)
    assert made.status_code == 201
    assert made.json() == {"username": "erin", "name": "Erin", "role": "assistant", "sections": ["North"]}
    changed = client.put(f"{API}/leaders/erin", {"role": "instructor", "sections": ["North"]}, **JSON)
    assert (changed.json()["role"], changed.json()["sections"]) == ("instructor", [])
    assert [one["username"] for one in log_in(erin).get(f"{API}/leaders").json()] == ["dana", "erin"]
    assert client.delete(f"{API}/leaders/erin").status_code == 204
    assert log_in(erin).get(f"{API}/leaders").status_code == 404
    assert list_verbs(autumn) == ["appointed", "reappointed", "dismissed"]
    assert CohortLine.objects.earliest("pk").text == "assistant: North"


def test_an_address_appoints_only_who_has_confirmed_it(
    log_in: LogIn, dana: User, erin: User, autumn: Cohort, confirm: Callable[[User, str], None]
) -> None:
    User.objects.filter(pk=erin.pk).update(email="erin@school.example")
    asked = {"account": "Erin@School.example", "role": "observer"}
    refused = log_in(dana).post(f"{API}/leaders", asked, **JSON)
    assert (refused.status_code, refused.json()["field"]) == (400, "account")
    confirm(erin, "erin@school.example")
    assert log_in(dana).post(f"{API}/leaders", asked, **JSON).status_code == 201


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"account": "nobody", "role": "observer"}, 400, "account"),
        ({"account": "alice", "role": "observer"}, 409, "account"),
        ({"account": "dana", "role": "observer"}, 409, "account"),
        ({"account": "erin", "role": "king"}, 400, "role"),
        ({"account": "erin", "role": "learner"}, 400, "role"),
        ({"account": "erin", "role": "assistant", "sections": ["South"]}, 400, "sections"),
    ],
)
def test_who_cannot_be_appointed_is_said_by_its_field(
    log_in: LogIn, dana: User, erin: User, autumn: Cohort, asked: dict[str, Any], status: int, field: str
) -> None:
    refused = log_in(dana).post(f"{API}/leaders", asked, **JSON)
    assert (refused.status_code, refused.json()["field"]) == (status, field)
    assert autumn.memberships.count() == 3


def test_one_owner_stays(log_in: LogIn, dana: User, erin: User, autumn: Cohort) -> None:
    client = log_in(dana)
    for answer in (
        client.delete(f"{API}/leaders/dana"),
        client.put(f"{API}/leaders/dana", {"role": "observer"}, **JSON),
    ):
        assert answer.status_code == 409
        assert answer.json()["detail"] == "Dana is the only owner; appoint another one first."
    client.post(f"{API}/leaders", {"account": "erin", "role": "owner"}, **JSON)
    assert client.delete(f"{API}/leaders/dana").status_code == 204
    assert log_in(erin).delete(f"{API}/leaders/erin").status_code == 409


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.ASSISTANT])
def test_who_only_looks_or_assists_changes_nothing_and_is_not_told_what_is_sensitive(
    log_in: LogIn, erin: User, alice: User, autumn: Cohort, erins: Membership, role: Role
) -> None:
    north = Section.objects.create(cohort=autumn, title="North")
    Membership.objects.filter(user=alice).update(section=north, external_id="S-1", extra_percent=25)
    Membership.objects.filter(pk=erins.pk).update(role=role)
    erins.assists.add(north)
    client = log_in(erin)
    learners = client.get(f"{API}/learners").json()["results"]
    assert {"username", "name", "section", "joined_at"} == set(learners[0])
    for method, path in (
        ("get", "learners/alice"),
        ("patch", "learners/alice"),
        ("delete", "learners/alice"),
        ("post", "sections"),
        ("delete", f"sections/{north.pk}"),
        ("get", "invitations"),
        ("post", "invitations"),
        ("get", "places"),
        ("post", "roster"),
        ("post", "roster/apply"),
        ("post", "leaders"),
        ("delete", "leaders/dana"),
    ):
        assert getattr(client, method)(f"{API}/{path}").status_code == 403, path
    assert "S-1" not in client.get("/cohorts/autumn/people/").content.decode()
    assert autumn.lines.count() == 0


def test_an_instructor_looks_after_learners_and_appoints_nobody(
    log_in: LogIn, erin: User, autumn: Cohort, erins: Membership
) -> None:
    Membership.objects.filter(pk=erins.pk).update(role=Role.INSTRUCTOR)
    client = log_in(erin)
    assert client.post(f"{API}/leaders", {"account": "charlie", "role": "observer"}, **JSON).status_code == 403
    assert client.post(f"{API}/sections", {"title": "North"}, **JSON).status_code == 201
    amended = client.patch(f"{API}/learners/alice", {"section": "North", "extra_percent": 25}, **JSON)
    assert amended.json()["section"] == "North"
    kept = client.patch(f"{API}/learners/alice", {"external_id": "=1+1"}, **JSON).json()
    assert (kept["section"], kept["external_id"], kept["extra_percent"]) == ("North", "=1+1", 25)
    assert list_verbs(autumn) == ["opened section", "amended", "amended"]
    assert autumn.lines.filter(verb="amended").latest("pk").text == "North, +25 % -> North, =1+1, +25 %"


def test_an_assistant_sees_the_learners_of_their_sections_only(
    log_in: LogIn, erin: User, alice: User, autumn: Cohort, erins: Membership
) -> None:
    north = Section.objects.create(cohort=autumn, title="North")
    Membership.objects.filter(pk=erins.pk).update(role=Role.ASSISTANT)
    assert list_names(log_in(erin).get(f"{API}/learners")) == []
    erins.assists.add(north)
    Membership.objects.filter(user=alice).update(section=north)
    assert list_names(log_in(erin).get(f"{API}/learners")) == ["alice"]
    assert list_names(log_in(erin).get(f"{API}/learners?name=bob")) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"section": "South"}, "section"),
        ({"external_id": "S-2"}, "external_id"),
        ({"external_id": "a\nb"}, "external_id"),
        ({"extra_percent": 401}, "extra_percent"),
        ({"extra_percent": -1}, "extra_percent"),
        ({"extra_percent": "much"}, "extra_percent"),
    ],
)
def test_what_cannot_be_said_of_a_learner_is_said_by_its_field(
    log_in: LogIn, dana: User, bob: User, autumn: Cohort, asked: dict[str, Any], field: str
) -> None:
    Membership.objects.filter(user=bob).update(external_id="S-2")
    refused = log_in(dana).patch(f"{API}/learners/alice", asked, **JSON)
    assert refused.status_code in (400, 409)
    assert refused.json()["field"] == field
    assert autumn.lines.count() == 0


def test_sections_are_opened_renamed_and_closed_and_nobody_is_lost(
    log_in: LogIn, dana: User, alice: User, autumn: Cohort
) -> None:
    client = log_in(dana)
    made = client.post(f"{API}/sections", {"title": "  North   side "}, **JSON).json()
    assert made["title"] == "North side"
    assert client.post(f"{API}/sections", {"title": "North side"}, **JSON).status_code == 409
    assert client.post(f"{API}/sections", {"title": "South"}, **JSON).status_code == 201
    address = f"{API}/sections/{made['id']}"
    assert client.put(address, {"title": "South"}, **JSON).status_code == 409
    assert client.put(address, {"title": "North"}, **JSON).json()["title"] == "North"
    client.patch(f"{API}/learners/alice", {"section": "North"}, **JSON)
    assert [one["learners"] for one in client.get(f"{API}/sections").json()] == [1, 0]
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404
    assert list_names(client.get(f"{API}/learners")) == ["alice", "bob"]


def test_a_section_of_another_cohort_does_not_exist_here(log_in: LogIn, dana: User, autumn: Cohort) -> None:
    other = Section.objects.create(cohort=Cohort.objects.create(slug="spring", title="Spring"), title="North")
    assert log_in(dana).delete(f"{API}/sections/{other.pk}").status_code == 404
    assert log_in(dana).post(f"/cohorts/autumn/sections/{other.pk}/", {"close": "1"}).status_code == 404
    assert Section.objects.filter(pk=other.pk).exists()


def test_who_is_removed_or_leaves_keeps_their_work_and_is_seen_no_longer(
    log_in: LogIn, dana: User, alice: User, bob: User, charlie: User, autumn: Cohort, tiny: Project, rings: list[Any]
) -> None:
    for user in (alice, bob):
        intake.enrol(user, tiny)
    assert log_in(dana).delete(f"{API}/learners/alice").status_code == 204
    assert log_in(bob).delete("/api/me/cohorts/autumn").status_code == 204
    assert log_in(bob).delete("/api/me/cohorts/autumn").status_code == 404
    assert log_in(dana).delete("/api/me/cohorts/autumn").status_code == 404
    assert list_names(log_in(dana).get(f"{API}/learners")) == []
    assert Enrolment.objects.count() == 2
    assert [(line.verb, line.actor, line.learner) for line in autumn.lines.order_by("pk")] == [
        ("removed", dana, alice),
        ("left", bob, bob),
    ]


def test_a_learner_is_told_who_sees_their_work(log_in: LogIn, alice: User, charlie: User, autumn: Cohort) -> None:
    [told] = log_in(alice).get("/api/me/cohorts").json()
    assert told == {"slug": "autumn", "title": "Autumn", "projects": ["tiny"], "section": "", "led_by": ["Dana"]}
    assert log_in(charlie).get("/api/me/cohorts").json() == []


def test_the_lists_cost_the_same_for_many_people(
    log_in: LogIn,
    dana: User,
    autumn: Cohort,
    make_user: Callable[[str], User],
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    client = log_in(dana)
    for number in range(20):
        section = Section.objects.create(cohort=autumn, title=f"Section {number}")
        Membership.objects.create(cohort=autumn, user=make_user(f"l{number}"), role=Role.LEARNER, section=section)
        helper = Membership.objects.create(cohort=autumn, user=make_user(f"h{number}"), role=Role.ASSISTANT)
        helper.assists.add(section)
    for path, most in (("learners", 6), ("leaders", 5), ("sections", 4)):
        with django_assert_num_queries(most):
            assert len(client.get(f"{API}/{path}").json()) >= 4


def test_the_demo_has_sections_and_a_link_and_is_made_twice_without_harm(tiny: Project) -> None:
    cast = demo.make_cast()
    for _time in range(2):
        cohort = demo.make_cohort(cast, ["tiny"])
    assert (cohort.invitations.count(), cohort.sections.count(), cohort.memberships.count()) == (1, 2, 3)
    assert str(cohort.memberships.get(user=cast["alice"]).section) == "Tuesday evening"
