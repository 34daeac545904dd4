"""Another edition in a real browser: tried, judged while one looks on, moved over to; axe at every step."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from curriculum.models import Project
from grading.verdict import Answer, CheckResult, Outcome, Verdict
from people.accounts.models import User
from people.learners import intake
from people.learners.models import Run
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SENTENCE = "They are out of order, so Tom loses his place."
Conclude = Callable[[Run, Verdict], None]


@pytest.fixture
def passed_clean(failed_clean: Verdict) -> Verdict:
    held = tuple(replace(result, answer=Answer.HELD) for result in failed_clean.own.results)
    own = replace(failed_clean.own, outcome=Outcome.PASSED, sentence="All 2 checks of clean hold.", results=held)
    return replace(failed_clean, outcome=Outcome.PASSED, sentence=own.sentence, chain=(*failed_clean.chain[:-1], own))


@pytest.fixture
def stricter_clean(failed_clean: Verdict) -> Verdict:
    refused = CheckResult("they_are_in_order", "They are in order, from small to large.", Answer.FAILED, SENTENCE)
    own = replace(failed_clean.own, sentence=SENTENCE, results=(refused,))
    return replace(failed_clean, sentence=SENTENCE, chain=(*failed_clean.chain[:-1], own))


def look(page: Page, name: str) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(name, fault["id"], fault["nodes"][0]["html"]) for fault in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_an_edition_is_tried_while_one_looks_on_and_moved_over_to(
    scheme: str,
    width: int,
    open_page: Callable[..., Page],
    alice: User,
    tiny: Project,
    publish_newer: Callable[[], Project],
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
    passed_clean: Verdict,
    stricter_clean: Verdict,
) -> None:
    enrolment = intake.enrol(alice, tiny)
    for kind, verdict in (("ingest", passed_ingest), ("clean", passed_clean)):
        conclude(intake.submit(enrolment, kind, {"pipeline/ingest.py": b""}, "web"), verdict)
    publish_newer()
    page = open_page("/projects/tiny/", alice, scheme, width)
    look(page, "banner")
    page.get_by_role("link", name="What changed").click()
    page.get_by_text("The brief, line by line").click()
    page.get_by_text("pipeline/ingest.py").click()
    look(page, "new")
    page.get_by_role("button", name="Try edition 2").click()
    expect(page.get_by_role("heading", name="It is judging your work")).to_be_visible()
    look(page, "judging")
    for run, verdict in zip(Run.every.filter(shadow=True).order_by("pk"), (passed_ingest, stricter_clean), strict=True):
        conclude(run, verdict)
    expect(page.get_by_role("heading", name="It asks more than the edition that you are in")).to_be_visible()
    look(page, "judged")
    page.get_by_role("button", name="Move to edition 2").click()
    expect(page.get_by_role("heading", name="Passes that you kept")).to_be_visible()
    look(page, "moved")
    page.get_by_role("link", name="clean", exact=True).click()
    expect(page.get_by_text("Passed in edition 1.")).to_be_visible()
    look(page, "kept")
