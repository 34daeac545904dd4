"""What a learner has shown, in a real browser: shown by a link, taken back; countersigned; axe on each page."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from people.accounts.models import User
from people.cohorts.models import Cohort
from people.employers.countersigning import ask, send_back
from people.employers.disclosing import disclose
from people.employers.models import Disclosure
from people.learners.models import CheckAnswer
from tests.frontend.conftest import RULES
from tests.people.employers.conftest import autumn, four_levels, second_business, shown
from tests.people.employers.test_countersigning import REASON, SKILL, TEXT

__all__ = ["autumn", "four_levels", "second_business", "shown"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]


def find_faults(page: Page) -> list[Any]:
    return [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page, options=RULES).response["violations"]]


def test_alice_shows_herself_to_a_stranger_and_takes_it_back(shown: User, open_page: OpenPage) -> None:
    hers = open_page("/me/skills/", shown)
    hers.get_by_role("link", name="Your links").click()
    hers.get_by_label("Acquire data").check()
    hers.get_by_label("Tiny").check()
    hers.get_by_label("What are you called on it?").select_option("pseudonym")
    hers.get_by_label("Whom is it for?").fill("Northwind")
    hers.get_by_role("button", name="Make the link").click()
    address = f"/shared/{Disclosure.objects.get().token}/"

    theirs = open_page(address)
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Candidate")
    expect(theirs.get_by_role("heading", name="Acquire data")).to_be_visible()
    expect(theirs.get_by_role("heading", name="Clean", exact=True)).to_have_count(0)
    expect(theirs.get_by_text("Step 4")).to_be_hidden()
    theirs.get_by_text("4 checks have shown it").click()
    expect(theirs.get_by_text("Step 4")).to_be_visible()
    theirs.get_by_role("link", name="Tiny").click()
    expect(theirs.get_by_text("at try 2")).to_be_visible()
    assert "alice" not in theirs.content().lower()

    hers.reload()
    expect(hers.get_by_role("cell", name="somebody without an account")).to_have_count(2)
    hers.get_by_role("button", name="Take this link back").click()
    theirs.reload()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("This link shows nothing.")
    assert find_faults(theirs) == []


def test_dana_countersigns_what_alice_wrote(
    second_business: User, dana: User, autumn: Cohort, open_page: OpenPage
) -> None:
    alice = second_business
    hers = open_page("/me/skills/", alice)
    hers.get_by_role("link", name="What you wrote of it").click()
    hers.get_by_label("What you did, and why").fill(TEXT)
    hers.get_by_role("button", name="Ask for a countersign").click()
    danas = open_page("/cohorts/autumn/", dana)
    danas.get_by_role("link", name="Countersigning").click()
    danas.get_by_role("link", name="Alice, Acquire data").click()
    danas.get_by_label("The reason").fill(REASON)
    danas.get_by_role("button", name="Countersign it").click()
    expect(danas.get_by_role("button", name="Undo it")).to_be_visible()
    hers.goto(hers.url.split("/me/")[0] + "/me/skills/")
    expect(hers.get_by_text("Level 5 of 5")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    scheme: str, width: int, second_business: User, dana: User, autumn: Cohort, open_page: OpenPage
) -> None:
    alice = second_business
    CheckAnswer.objects.filter(judgement__run__submission__enrolment__project__slug="other").update(skills=["clean"])
    send_back(dana, ask(alice, SKILL, TEXT), REASON)
    asked = ask(alice, SKILL, TEXT)
    link = disclose(alice, [SKILL, "clean"], ["tiny", "other"], meant_for="Northwind")
    pages = [
        ("/me/skills/", alice),
        (f"/me/skills/{SKILL}/rationale/", alice),
        ("/me/projects/tiny/story/", alice),
        (f"/shared/{link.token}/", None),
        (f"/shared/{link.token}/projects/tiny/", None),
        ("/me/disclosures/", alice),
        (f"/me/disclosures/{link.pk}/", alice),
        ("/cohorts/autumn/rationales/", dana),
        (f"/cohorts/autumn/rationales/{asked.pk}/", dana),
    ]
    for path, user in pages:
        page = open_page(path, user, scheme=scheme, width=width)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        assert (path, find_faults(page)) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        page.context.close()
