"""The pages of likeness in a real browser: the list comes by itself, and two submissions stand beside each other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts import tasks
from people.cohorts.models import Cohort, Likeness, Membership, Role
from people.learners import intake
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME = "/cohorts/autumn/likeness/"
SOLUTION = Path(__file__).parents[2] / "projects" / "chargeback-watch" / "alternatives" / "plain-python"


@pytest.fixture
def pair(
    alice: User, bob: User, dana: User, tiny: Project, rings: list[object], monkeypatch: pytest.MonkeyPatch
) -> str:
    """Alice's and Bob's pages beside each other, once somebody has compared them."""
    monkeypatch.setattr("people.cohorts.tasks.compare.delay", lambda pk: None)
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    text = (SOLUTION / "pipeline" / "clean.py").read_text()
    numbers = []
    for user, code in ((alice, text), (bob, text.replace("row", "my_row"))):
        Membership.objects.create(cohort=cohort, user=user, role=Role.LEARNER)
        files = {"pipeline/clean.py": code.encode(), f"{user.username}.py": b"x = '''"}
        numbers.append(intake.submit(intake.enrol(user, tiny), "ingest", files, "web").submission_id)
    Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)
    return "{}{}/{}/".format(HOME, *numbers)


def test_who_asks_sees_the_pairs_come_and_looks_at_one(open_page: Callable[..., Page], dana: User, pair: str) -> None:
    page = open_page(HOME, dana)
    page.get_by_role("button", name="Compare the submissions now").click()
    expect(page.get_by_text("A worker is comparing what was handed in.")).to_be_visible()
    tasks.compare(Likeness.objects.get().pk)
    page.get_by_role("link", name="Alice and Bob").click()
    expect(page.get_by_role("heading", level=1, name="Alice beside Bob")).to_be_visible()
    assert page.url.endswith(pair)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(
    scheme: str, width: int, open_page: Callable[..., Page], dana: User, pair: str
) -> None:
    page = open_page(HOME, dana, scheme, width)
    page.get_by_role("button", name="Compare").click()
    tasks.compare(Likeness.objects.get().pk)
    for path in (HOME, pair):
        page = open_page(path, dana, scheme, width)
        found = Axe().run(page, options=RULES).response["violations"]
        assert not [(path, fault["id"], fault["nodes"][0]["html"]) for fault in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"
