"""Erin's desk in a real browser: a role, a link that Alice sent, the match, and what is left once it has ended."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from people.employers.disclosing import revoke
from people.employers.models import Disclosure, Post
from tests.frontend.conftest import RULES
from tests.people.employers.conftest import desk, evident, northwind, sent

__all__ = ["desk", "evident", "northwind", "sent"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = "/employers/northwind/"
PAGES = ("", "roles/", "roles/data-engineer/", "roles/new/", "roles/upload/", "people/", "diary/", "settings/")


def copy_a_role(page: Page) -> None:
    page.get_by_role("link", name="Roles", exact=True).click()
    page.get_by_role("link", name="Data engineer").click()
    page.get_by_role("button", name="Copy it, to make it yours").click()
    page.get_by_role("link", name="Change it").click()
    page.get_by_role("group", name="Acquire data").get_by_label("Level").select_option("Level 1")
    page.get_by_role("button", name="Keep it").click()


def test_erin_keeps_a_link_sees_the_gaps_and_loses_it_when_it_ends(
    desk: Post, sent: Disclosure, open_page: Callable[..., Page]
) -> None:
    page = open_page(DESK, desk.user)
    copy_a_role(page)
    page.get_by_role("link", name="Candidates", exact=True).click()
    page.get_by_label("The link that they sent you").fill("https://elsewhere.example.org/shared/nothing/")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("This link shows nothing")).to_be_visible()
    page.get_by_label("The link that they sent you").fill(f"https://here.example.org/shared/{sent.token}/")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("heading", name="Alice")).to_be_visible()
    expect(page.get_by_text("Level 1 is needed, level 1 is shown.")).to_be_visible()
    page.get_by_text("would close the gap").first.click()
    expect(page.locator("details[open] strong").first).to_contain_text("Tiny, ")
    revoke(sent.user, sent.pk)
    page.reload()
    expect(page.get_by_role("heading", name="Ended")).to_be_visible()
    assert "Alice" not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_desk(
    scheme: str, width: int, desk: Post, sent: Disclosure, open_page: Callable[..., Page]
) -> None:
    kept = desk.employer.candidates.create(disclosure=sent)
    more = (f"candidates/{kept.pk}/", f"roles/data-engineer/compare/?candidate={kept.pk}")
    page = open_page("/me/roles/data-engineer/", sent.user, scheme, width)
    assert not Axe().run(page, options=RULES).response["violations"]
    page = open_page("/employers/", desk.user, scheme, width)
    for path in (*PAGES, *more):
        page.goto(page.url.split("/employers/")[0] + DESK + path)
        found = Axe().run(page, options=RULES).response["violations"]
        assert not [(path, fault["id"], fault["nodes"][0]["html"]) for fault in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"
