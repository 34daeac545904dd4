"""A cohort's diary in a real browser: found by its tab, narrowed to one person, and read by everybody on any screen."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Cohort, Membership, Role
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME = "/cohorts/autumn/diary/"


@pytest.fixture
def autumn(alice: User, bob: User, dana: User) -> Cohort:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn")
    Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)
    note(cohort, dana, "extended", alice, "tiny/ingest", "until 2026-12-04T17:00:00+00:00: ill for three days")
    for number in range(60):
        note(cohort, dana, "amended", bob, text=f"line {number}")
    return cohort


def test_it_is_found_by_its_tab_and_narrowed_to_one_person(
    open_page: Callable[..., Page], autumn: Cohort, dana: User
) -> None:
    page = open_page("/cohorts/autumn/people/", dana)
    page.get_by_role("link", name="Diary").click()
    expect(page.get_by_role("row")).to_have_count(51)
    page.get_by_label("User name").fill("alice")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_text("Only what alice did, or what was done to alice.")).to_be_visible()
    page.get_by_role("link", name="Show everybody").click()
    page.get_by_role("link", name="On", exact=True).click()
    expect(page.get_by_text("ill for three days")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(
    scheme: str, width: int, open_page: Callable[..., Page], autumn: Cohort, dana: User
) -> None:
    page = open_page(f"{HOME}?person=dana", dana, scheme, width)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], node["html"]) for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
