"""A cohort that has ended is put away: read by who leads it, kept by who learns in it, and brought back as it was."""

from collections.abc import Callable

import pytest
from django.test import Client

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership, Role
from people.cohorts.queries import list_led

LogIn = Callable[[User], Client]
ARCHIVE = "/api/cohorts/autumn/archive"


@pytest.fixture
def browser(log_in: LogIn, dana: User, autumn: Cohort) -> Client:
    return log_in(dana)


def test_what_is_archived_leaves_lists_and_is_only_read(browser: Client, dana: User, autumn: Cohort) -> None:
    assert browser.post(ARCHIVE).status_code == 204
    assert browser.post(ARCHIVE).status_code == 204
    assert not list_led(dana).exists()
    assert browser.get("/api/cohorts").json()["results"] == []
    [told] = browser.get("/api/cohorts", {"archived": "true"}).json()["results"]
    assert told["slug"] == "autumn"
    assert told["archived_at"]
    for page in ("", "people/", "gradebook/", "dates/", "stoppers/"):
        assert browser.get(f"/cohorts/autumn/{page}").status_code == 200, page
    refused = browser.put("/api/cohorts/autumn", {"title": "New"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "archived")
    for method, page in (("post", "sections/"), ("post", "invitations/"), ("get", "settings/"), ("post", "permits/")):
        assert getattr(browser, method)(f"/cohorts/autumn/{page}", {"title": "South"}).status_code == 403, page
    assert not autumn.sections.exists()
    assert list(CohortLine.objects.values_list("verb", flat=True)) == ["archived"]


def test_nobody_comes_in_any_more_and_who_learns_keeps_all(
    browser: Client, link: str, log_in: LogIn, alice: User, charlie: User
) -> None:
    browser.post(ARCHIVE)
    assert log_in(charlie).post(link).status_code == 410
    assert not Membership.objects.filter(user=charlie).exists()
    learner = log_in(alice)
    assert [one["slug"] for one in learner.get("/api/me/cohorts").json()] == ["autumn"]
    assert learner.get("/me/cohorts/autumn/").status_code == 200
    assert learner.post("/api/projects/tiny/enrolment").status_code in (200, 201)
    assert browser.delete(ARCHIVE).status_code == 204
    assert log_in(charlie).post(link).status_code in (200, 302)
    assert Membership.objects.filter(user=charlie).exists()


def test_owners_only(
    log_in: LogIn, autumn: Cohort, alice: User, charlie: User, make_user: Callable[[str], User]
) -> None:
    hugo = make_user("hugo")
    Membership.objects.create(cohort=autumn, user=hugo, role=Role.INSTRUCTOR)
    assert log_in(hugo).post(ARCHIVE).status_code == 403
    for user in (alice, charlie):
        assert log_in(user).post(ARCHIVE).status_code == 404
    assert Cohort.objects.get().archived_at is None
    Cohort.objects.update(archived_at="2026-11-01T00:00:00Z")
    assert log_in(hugo).delete(ARCHIVE).status_code == 403
    assert b"Bring it back" not in log_in(hugo).get("/cohorts/autumn/").content


def test_pages_lead_there_and_back(browser: Client, autumn: Cohort) -> None:
    assert b"Archive this cohort" in browser.get("/cohorts/autumn/settings/").content
    done = browser.post("/cohorts/autumn/archive/", follow=True).content.decode()
    assert "1 archived cohort" in done
    assert "Bring it back" in browser.get("/cohorts/autumn/").content.decode()
    back = browser.post("/cohorts/autumn/archive/", {"back": "1"}, follow=True).content.decode()
    assert "It is back, as it was." in back
    assert "Archived since" not in back
