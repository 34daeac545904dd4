"""The pages on which a cohort is led and joined: what they show to whom, what they refuse, and what they cost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from curriculum.models import Project, Track
from people.accounts.models import User
from people.cohorts.invitations import invite, sign
from people.cohorts.models import Cohort, Invitation, Membership, Reservation, Role, Section

LogIn = Callable[[User], Client]
HOME = "/cohorts/autumn/"
ROSTER = "username,section,accommodations\ncharlie,North,25\nalice,North,\nb b,,\n"


@pytest.fixture
def autumn(alice: User, bob: User, dana: User, erin: User, tiny: Project) -> Cohort:
    """Alice and Bob learn, Dana owns it, and Erin assists in no section yet."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    roles = ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.OWNER), (erin, Role.ASSISTANT))
    for user, role in roles:
        Membership.objects.create(cohort=cohort, user=user, role=role)
    return cohort


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_dana_creates_a_cohort_on_its_page_and_settles_it_later(
    log_in: LogIn, dana: User, charlie: User, autumn: Cohort
) -> None:
    Track.objects.create(slug="ml", title="ML engineer", slugs=["tiny"])
    assert "Create a cohort" not in read(log_in(charlie), "/cohorts/")
    assert log_in(charlie).get("/cohorts/new/").status_code == 403
    client = log_in(dana)
    assert 'href="/cohorts/new/"' in read(client, "/cohorts/")
    wrong = client.post("/cohorts/new/", {"title": "", "zone": "Europe/Berlin"})
    assert wrong.status_code == 400
    assert '<option value="Europe/Berlin" selected>' in wrong.content.decode()
    made = client.post("/cohorts/new/", {"title": "Spring", "track": "ml", "zone": "Europe/Berlin"})
    assert made["Location"] == "/cohorts/spring/people/"
    spring = Cohort.objects.get(slug="spring")
    assert (spring.project_slugs, spring.zone) == (["tiny"], "Europe/Berlin")
    shown = read(client, "/cohorts/spring/settings/")
    assert 'value="Spring"' in shown
    assert client.post("/cohorts/spring/settings/", {"title": "Summer"}).status_code == 302
    spring.refresh_from_db()
    assert (spring.title, spring.project_slugs, spring.zone) == ("Summer", [], "")


def test_an_owner_appoints_and_changes_roles_on_the_page_of_people(
    log_in: LogIn, dana: User, erin: User, charlie: User, alice: User, autumn: Cohort
) -> None:
    client, north = log_in(dana), Section.objects.create(cohort=autumn, title="North")
    Membership.objects.filter(user=alice).update(section=north)
    assert "You see the learners of the sections that you assist" in read(log_in(erin), f"{HOME}people/")
    part = Membership.objects.get(user=erin)
    change = {f"leader-{part.pk}-role": "assistant", f"leader-{part.pk}-sections": "North"}
    assert client.post(f"{HOME}people/leaders/erin/", change).status_code == 302
    seen = read(log_in(erin), f"{HOME}people/")
    assert ("alice" in seen, "bob" in seen) == (True, False)
    wrong = client.post(f"{HOME}people/appoint/", {"account": "nobody", "role": "observer"})
    assert wrong.status_code == 400
    assert 'value="nobody"' in wrong.content.decode()
    assert "Nobody here has the user name" in wrong.content.decode()
    assert client.post(f"{HOME}people/appoint/", {"account": "charlie", "role": "observer"}).status_code == 302
    last = client.post(f"{HOME}people/leaders/dana/", {"dismiss": "1"})
    assert last.status_code == 409
    assert "Dana is the only owner" in last.content.decode()
    assert client.post(f"{HOME}people/leaders/charlie/", {"dismiss": "1"}).status_code == 302
    assert log_in(charlie).get(f"{HOME}people/").status_code == 404
    assert client.post(f"{HOME}people/leaders/alice/", {"dismiss": "1"}).status_code == 404


def test_learners_are_sorted_amended_and_removed(log_in: LogIn, dana: User, alice: User, autumn: Cohort) -> None:
    client = log_in(dana)
    assert client.post(f"{HOME}sections/", {"title": "North"}).status_code == 302
    twice = client.post(f"{HOME}sections/", {"title": "North"})
    assert twice.status_code == 400
    assert "There is a section" in twice.content.decode()
    section = Section.objects.get()
    assert client.post(f"{HOME}sections/{section.pk}/", {"title": ""}).status_code == 400
    assert client.post(f"{HOME}sections/{section.pk}/", {"title": "South"}).status_code == 302
    address = f"{HOME}people/learners/alice/"
    wrong = client.post(address, {"section": "South", "external_id": "S-1", "extra_percent": "much"})
    assert wrong.status_code == 400
    assert 'value="S-1"' in wrong.content.decode()
    client.post(address, {"section": "South", "external_id": "<b>S-1", "extra_percent": "25"})
    shown = read(client, f"{HOME}people/?section=South&q=ali")
    assert "&lt;b&gt;S-1" in shown
    assert "+25 %" in shown
    assert client.post(f"{HOME}sections/{section.pk}/", {"close": "1"}).status_code == 302
    assert client.post(address, {"remove": "1"}).status_code == 302
    assert client.get(address).status_code == 404
    assert not Membership.objects.filter(user=alice).exists()


def test_links_are_made_shown_and_revoked(log_in: LogIn, dana: User, autumn: Cohort) -> None:
    client = log_in(dana)
    assert client.post(f"{HOME}invitations/", {"days": "0", "cap": "5"}).status_code == 400
    assert client.post(f"{HOME}invitations/", {"days": "3", "cap": "5"}).status_code == 302
    made = Invitation.objects.get()
    assert timedelta(days=2.9) < made.expires_at - timezone.now() < timedelta(days=3)
    assert f"http://testserver/join/{sign(made)}/" in read(client, f"{HOME}invitations/")
    client.post(f"{HOME}invitations/{made.pk}/revoke/")
    shown = read(client, f"{HOME}invitations/")
    assert "This invitation was taken back." in shown
    assert sign(made) not in shown


def test_a_roster_is_looked_at_and_applied_and_charlie_takes_his_place(
    log_in: LogIn, dana: User, charlie: User, autumn: Cohort
) -> None:
    client = log_in(dana)
    assert client.post(f"{HOME}roster/", {}).status_code == 400
    refused = client.post(f"{HOME}roster/", {"roster": SimpleUploadedFile("a.csv", b"PK\x03\x04")})
    assert "save it as CSV" in refused.content.decode()
    assert client.post(f"{HOME}roster/apply/").status_code == 409
    client.post(f"{HOME}roster/", {"roster": SimpleUploadedFile("a.csv", ROSTER.encode())})
    shown = read(client, f"{HOME}roster/")
    assert "A place is kept for this account." in shown
    assert "section: – → North" in shown
    assert "A username has only letters" in shown
    assert not Reservation.objects.exists()
    landed = client.post(f"{HOME}roster/apply/", follow=True).content.decode()
    assert "1 places reserved, 1 people amended" in landed
    place = Reservation.objects.get()
    start = read(log_in(charlie), "/")
    assert "A place is kept for you in Autumn" in start
    assert "Dana" in start
    assert log_in(charlie).post(f"/me/places/{place.pk}/")["Location"] == "/me/cohorts/autumn/"
    assert Membership.objects.get(user=charlie).extra_percent == 25
    assert "A place is kept" not in read(log_in(charlie), "/")


def test_a_place_is_given_up_by_its_person_or_by_who_leads(
    log_in: LogIn, dana: User, charlie: User, autumn: Cohort
) -> None:
    mine = Reservation.objects.create(cohort=autumn, user=charlie, username="charlie")
    other = Reservation.objects.create(cohort=autumn, email="zoe@school.example")
    assert log_in(charlie).post(f"/me/places/{other.pk}/").status_code == 404
    assert log_in(charlie).post(f"/me/places/{mine.pk}/", {"decline": "1"}).status_code == 302
    assert "zoe@school.example" in read(log_in(dana), f"{HOME}people/")
    assert log_in(dana).post(f"{HOME}people/places/{other.pk}/").status_code == 302
    assert not Reservation.objects.exists()
    assert not Membership.objects.filter(user=charlie).exists()


def test_a_learner_is_told_on_their_start_page_who_sees_their_work_and_may_leave(
    log_in: LogIn, alice: User, charlie: User, autumn: Cohort
) -> None:
    client = log_in(alice)
    start = read(client, "/")
    assert "You learn in" in start
    assert "Dana, Erin" in start
    assert "You learn in" not in read(log_in(charlie), "/")
    assert "They see what you hand in" in read(client, "/me/cohorts/autumn/")
    left = client.post("/me/cohorts/autumn/leave/", follow=True).content.decode()
    assert "You have left Autumn." in left
    assert client.get("/me/cohorts/autumn/").status_code == 404


def test_the_pages_cost_the_same_for_many_people(
    log_in: LogIn,
    dana: User,
    charlie: User,
    autumn: Cohort,
    make_user: Callable[[str], User],
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    owner = Membership.objects.get(user=dana)
    for number in range(20):
        section = Section.objects.create(cohort=autumn, title=f"Section {number}")
        Membership.objects.create(cohort=autumn, user=make_user(f"l{number}"), role=Role.LEARNER, section=section)
        helper = Membership.objects.create(cohort=autumn, user=make_user(f"h{number}"), role=Role.ASSISTANT)
        helper.assists.add(section)
        Reservation.objects.create(cohort=autumn, username=f"r{number}", section=section)
        made = invite(owner, timezone.now() + timedelta(days=1), 5, section.title)
    costs = ((f"{HOME}people/", 10), (f"{HOME}invitations/", 5), (f"{HOME}roster/", 4), (f"/join/{sign(made)}/", 8))
    for address, most in costs:
        client = log_in(dana)
        with django_assert_num_queries(most):
            read(client, address)
