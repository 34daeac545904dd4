"""Dana regrades her cohort in a real browser: begun, judged while she looks on, applied; axe at each step."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from curriculum.models import Project
from grading.verdict import Answer, CheckResult, Outcome, Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
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


@pytest.fixture
def worked(
    alice: User,
    bob: User,
    dana: User,
    tiny: Project,
    publish_newer: Callable[[], Project],
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
    passed_clean: Verdict,
    failed_clean: Verdict,
) -> None:
    """Alice has passed clean and Bob has not; edition 2 is out."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.OWNER)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    for user, clean in ((alice, passed_clean), (bob, failed_clean)):
        enrolment = intake.enrol(user, tiny)
        conclude(intake.submit(enrolment, "ingest", {"pipeline/ingest.py": b""}, "web"), passed_ingest)
        conclude(intake.submit(enrolment, "clean", {"pipeline/ingest.py": b""}, "web"), clean)
    publish_newer()


def look(page: Page, name: str) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(name, fault["id"], fault["nodes"][0]["html"]) for fault in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_a_cohort_is_regraded_while_its_leader_looks_on(
    scheme: str,
    width: int,
    open_page: Callable[..., Page],
    worked: None,
    alice: User,
    dana: User,
    conclude: Conclude,
    passed_ingest: Verdict,
    passed_clean: Verdict,
    stricter_clean: Verdict,
) -> None:
    page = open_page("/cohorts/autumn/", dana, scheme, width)
    page.get_by_role("link", name="Regrade").click()
    look(page, "projects")
    page.get_by_role("link", name="Tiny").click()
    look(page, "new")
    page.get_by_role("button", name="Try edition 2").click()
    expect(page.get_by_text("0 of 4 judged")).to_be_visible()
    look(page, "judging")
    for run in Run.every.filter(shadow=True).order_by("pk"):
        clean = stricter_clean if run.submission.enrolment.user == alice else passed_clean
        conclude(run, passed_ingest if run.submission.kind == "ingest" else clean)
    expect(page.get_by_role("heading", name="Who moves, and by what")).to_be_visible()
    look(page, "judged")
    page.get_by_label("Everybody").check()
    page.get_by_label("I have read who moves").check()
    page.get_by_role("button", name="Move them").click()
    expect(page.get_by_text("2 learners moved over.")).to_be_visible()
    look(page, "applied")

    hers = open_page("/projects/tiny/", alice, scheme, width)
    expect(hers.get_by_text("Dana, who leads your cohort, moved you to edition 2")).to_be_visible()
    look(hers, "told")
    hers.get_by_role("button", name="I have read it").click()
    expect(hers.get_by_text("moved you to edition 2")).to_be_hidden()
