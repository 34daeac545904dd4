"""German in a real browser: chosen in the foot of a page, held to axe and to a phone's width like the English."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from people.accounts.models import User
from people.learners.models import Run
from tests.frontend.conftest import RULES
from tests.frontend.test_in_chromium import addresses, group_by_reader, leaf_through, track

__all__ = ["addresses", "track"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page) -> None:
    assert page.evaluate("document.documentElement.lang") == "de", page.url
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(page.url, fault["id"], fault["nodes"][0]["html"]) for fault in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is wider than the window"


def test_axe_finds_nothing_in_german_and_nothing_sticks_out(
    open_page: Callable[..., Page], addresses: list[tuple[str, User | None]]
) -> None:
    User.objects.update(language="de")
    readers = group_by_reader(addresses)
    for path in readers.pop(None):
        page = open_page(path, None, "dark", 390)
        page.get_by_role("button", name="Deutsch").click()
        look(page)
        page.context.close()
    for user, paths in readers.items():
        for page in leaf_through(open_page("/", user, "dark", 390), paths):
            look(page)


def test_a_visitor_chooses_in_the_foot_and_a_learner_on_the_account(
    open_page: Callable[..., Page], alice: User
) -> None:
    page = open_page("/accounts/login/?next=/me/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    page.get_by_label("Benutzername oder E-Mail").fill("alice")
    page.get_by_label("Passwort", exact=True).fill("a long password")
    page.get_by_role("main").get_by_role("button", name="Anmelden").click()
    page.get_by_label("Wir sprechen mit dir").select_option("English")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("heading", name="The command line")).to_be_visible()
    alice.refresh_from_db()
    assert alice.language == "en-gb"


def test_what_scripts_write_is_german_too(
    open_page: Callable[..., Page], addresses: list[tuple[str, User | None]], alice: User
) -> None:
    User.objects.update(language="de")
    queued = [path for path, _ in addresses if path.startswith("/submissions/")][-1]
    Run.objects.filter(state="queued").exclude(submission=queued.split("/")[2]).update(state="done", outcome="void")
    page = open_page(queued, alice)
    expect(page.get_by_role("heading", level=2)).to_have_text("Als Nächstes an der Reihe.")
    expect(page.locator("time").first).to_have_text(re.compile(r"\d{1,2}\. \w+\.? \d{4}, \d\d:\d\d "))
