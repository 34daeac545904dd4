"""The pages of dates in a real browser: axe in both themes and widths, and the cohort's own clocks left as they are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from curriculum.models import Project, Track
from people.accounts.models import User
from people.cohorts.feeds import renew_feed
from people.cohorts.models import Cohort, Extension, Membership, Role, Timing
from people.learners import intake
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FAR = datetime(2099, 12, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def cohort(tiny: Project, dana: User, alice: User, bob: User, erin: User, rings: list[object]) -> Cohort:
    """Dana's cohort in tiny, with dates, an extension of Alice's, more time for Bob, and Erin who observes."""
    Track.objects.create(slug="ml", title="ML engineer", summary="All the way.", slugs=["tiny"])
    made = Cohort.objects.create(
        slug="autumn", title="Autumn", project_slugs=["tiny"], zone="Europe/Berlin", late_percent=10, late_days=3
    )
    parts = {dana: Role.OWNER, erin: Role.OBSERVER, alice: Role.LEARNER, bob: Role.LEARNER}
    members = {
        user: Membership.objects.create(cohort=made, user=user, role=role, extra_percent=25 * (user == bob))
        for user, role in parts.items()
    }
    now = timezone.now()
    Timing.objects.create(cohort=made, slug="tiny", kind="ingest", due_at=now - DAY, closes_at=FAR)
    Timing.objects.create(cohort=made, slug="tiny", kind="clean", opens_at=now + 3 * DAY, due_at=FAR)
    for kind, reason in (("ingest", "Broken wrist, and a certificate that says so."), ("clean", "A wedding")):
        Extension.objects.create(
            membership=members[alice], slug="tiny", kind=kind, due_at=FAR + DAY, reason=reason, granted_by=dana
        )
    Extension.objects.filter(kind="clean").update(withdrawn_at=now)
    intake.enrol(alice, tiny)
    intake.enrol(bob, tiny)
    renew_feed(dana, made)
    renew_feed(alice)
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    scheme: str,
    width: int,
    open_page: Callable[..., Page],
    cohort: Cohort,
    dana: User,
    alice: User,
    bob: User,
    erin: User,
) -> None:
    pages = [
        ("/cohorts/autumn/dates/", dana),
        ("/cohorts/autumn/dates/", erin),
        ("/me/", alice),
        ("/", bob),
        ("/projects/tiny/", bob),
        ("/projects/tiny/milestones/ingest/", bob),
        ("/projects/tiny/milestones/clean/", alice),
    ]
    found = {}
    for path, user in pages:
        page = open_page(path, user, scheme, width)
        violations = Axe().run(page, options=RULES).response["violations"]
        is_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found[path, user.username] = ([violation["id"] for violation in violations], is_wide)
        page.close()
    assert found == {(path, user.username): ([], False) for path, user in pages}


def test_what_is_refused_is_said_beside_the_field_and_the_rest_stays_filled_in(
    open_page: Callable[..., Page], cohort: Cohort, dana: User
) -> None:
    page = open_page("/cohorts/autumn/dates/", dana)
    clean = page.get_by_role("group", name="2 clean")
    clean.get_by_label("Due").fill("2026-01-01T10:00")
    clean.get_by_label("Closes").fill("2100-05-01T10:00")
    page.get_by_role("button", name="Keep these dates").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    due = page.get_by_role("group", name="2 clean").get_by_label("Due")
    expect(due).to_have_accessible_description("clean would be due before it opens. Choose a later due date.")
    expect(due).to_have_value("2026-01-01T10:00")
    expect(page.get_by_role("group", name="2 clean").get_by_label("Closes")).to_have_value("2100-05-01T10:00")
    assert Axe().run(page, options=RULES).response["violations"] == []
    due.fill("2099-12-05T10:00")
    page.get_by_role("button", name="Keep these dates").click()
    expect(page.get_by_text("1 milestone has new dates.")).to_be_visible()


def test_the_cohorts_clocks_are_not_retold_in_the_browsers_zone(
    open_page: Callable[..., Page], cohort: Cohort, erin: User
) -> None:
    page = open_page("/cohorts/autumn/dates/", erin)
    expect(page.get_by_role("cell", name="4 Dec 2099, 13:00").first).to_be_visible()
