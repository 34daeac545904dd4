"""Erin assesses Alice in a real browser, on a domain of her own: two milestones, and a report that is Alice's first.

The workers are played: what they judge, and what they measure of the domain. Both are done for real elsewhere.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from curriculum.models import Project
from grading.equivalence import Equivalence, Figures, compare
from grading.verdict import Outcome, Verdict
from people.accounts.models import User
from people.employers import measuring, tasks
from people.employers.models import Employer, Invite, Post
from people.learners import intake, queries
from people.learners.models import Run
from tests.frontend.conftest import RULES
from tests.frontend.test_hiring_in_chromium import copy_a_role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def work(rings: list[object], conclude: Callable[[Run, Verdict], None]) -> Callable[[User, str, Verdict], None]:
    """Play a candidate who hands in, and the worker who judges it."""

    def hand_in(user: User, kind: str, verdict: Verdict) -> None:
        files = {"pipeline/ingest.py": f"print('{kind}')\n".encode()}
        conclude(intake.submit(queries.access_enrolment(user, "tiny"), kind, files, "web"), verdict)

    return hand_in


def look(page: Page) -> None:
    """Nothing that axe finds, and nothing that sticks out, at either width and in either light."""
    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=RULES).response["violations"]
        assert not [(page.url, fault["id"], fault["nodes"][0]["html"]) for fault in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play the worker who finds a domain as hard as the one that tiny comes with."""
    figures = [Figures(name, 3, 3, 1, 1, 5, 5, 5, 900, 0.06, 0.061, gaps={"skill": 0.3}) for name in ("plain", "own")]
    found = Equivalence("tiny", "Kitchen", "own", (1,), (), compare(figures[1], figures[:1]))
    monkeypatch.setattr(measuring, "lint_domain", lambda package, text: [])
    monkeypatch.setattr(measuring, "measure_domain", lambda *given, **named: found)
    monkeypatch.setattr(tasks.measure_domain, "delay", tasks.measure_domain)


def bring_a_domain(page: Page) -> None:
    page.get_by_role("link", name="Domains", exact=True).click()
    page.get_by_label("What is it called?").fill("Kitchen")
    page.get_by_label("Project").select_option("Tiny")
    page.get_by_label("Domain file (YAML)").set_input_files(
        {"name": "kitchen.yaml", "mimeType": "application/yaml", "buffer": b"title: Kitchen\n"}
    )
    look(page)
    page.get_by_role("button", name="Measure it").click()
    expect(page.get_by_text("Accepted")).to_be_visible()
    look(page)


def make_assessment(page: Page) -> None:
    page.get_by_role("link", name="Assessments", exact=True).click()
    look(page)
    page.get_by_role("link", name="Make an assessment").click()
    look(page)
    page.get_by_role("link", name="Tiny").click()
    page.get_by_label("Title").fill("Count in our kitchen")
    page.get_by_label("ingest").check()
    page.get_by_label("clean").check()
    page.get_by_label("Told as which business?").select_option("Kitchen")
    page.get_by_label("Minutes in the box").fill("0")
    page.get_by_label("May be begun until").fill(f"{timezone.now() + timedelta(days=3):%Y-%m-%dT17:00}")
    look(page)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("Say a whole number within the bounds.")).to_be_visible()
    page.get_by_label("Minutes in the box").fill("120")
    page.get_by_role("button", name="Make it").click()


def invite(page: Page) -> str:
    page.get_by_label("For whom?").fill("The first applicant")
    page.get_by_role("button", name="Make the link").click()
    look(page)
    found = re.search(r"/assessments/\S+/", page.locator(".command code").inner_text())
    assert found
    return found.group(0)


def read_skills(page: Page) -> list[str]:
    """The skills, levels and evidence of a report, as they stand there."""
    return page.locator("[aria-labelledby='skills-title'] li").all_inner_texts()


def test_erin_assesses_alice_and_both_read_the_report(
    open_page: Callable[..., Page],
    alice: User,
    bob: User,
    erin: User,
    tiny: Project,
    measured: None,
    work: Callable[[User, str, Verdict], None],
    passed_ingest: Verdict,
    failed_clean: Verdict,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks.compare_assessed, "delay", tasks.compare_assessed)
    northwind = Employer.objects.create(slug="northwind", title="Northwind Payments")
    Post.objects.create(employer=northwind, user=erin, role="recruiter")
    page = open_page("/employers/northwind/", erin)
    copy_a_role(page)
    bring_a_domain(page)
    make_assessment(page)
    link = invite(page)
    look(open_page(link))
    theirs = open_page(link, alice)
    look(theirs)
    theirs.get_by_role("button", name="Begin as Alice").click()
    expect(theirs.get_by_text("Your box ends in 1 hour")).to_be_visible()
    look(theirs)
    box = Invite.objects.select_related("enrolment").get()
    assert box.enrolment
    assert box.enrolment.domain.startswith("sha256:")
    work(alice, "ingest", passed_ingest)
    work(alice, "clean", failed_clean)
    held = [replace(link, outcome=Outcome.PASSED) for link in failed_clean.chain]
    work(alice, "clean", replace(failed_clean, outcome=Outcome.PASSED, chain=tuple(held)))
    theirs.get_by_role("link", name="About this assessment, and to finish").click()
    look(theirs)
    theirs.get_by_role("button", name="Finish for good").click()
    expect(theirs.get_by_role("heading", name="Read this first")).to_be_visible()
    look(theirs)
    told = read_skills(theirs)
    assert told
    page.reload()
    expect(page.get_by_text("Over; not shared")).to_be_visible()
    theirs.get_by_role("button", name="Yes, share this report").click()
    look(theirs)
    page.reload()
    page.get_by_role("link", name="Read the report").click()
    expect(page.get_by_text("Nobody watched the candidate")).to_be_visible()
    look(page)
    assert read_skills(page) == told, "both read the same"
    expect(open_page(link, bob).get_by_text("This link has been used")).to_be_visible()
