"""Pages as plain values, the way views hand them to templates; and a browser."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from playwright.sync_api import Browser, Page, sync_playwright

from frontend.pages import ChainLink, CheckLine, EventLine, MilestoneCard, ProjectMap, SubmissionPage
from frontend.setbacks import SetbackNote
from people.accounts.models import User

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KINDS = ("ingest", "clean", "feature", "model", "deploy")

# Every rule is asked; of what holds, which nobody reads, axe need not tell each element.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
EXPECTED = re.compile(r"status of (400|404|406|409|410|429)|net::ERR_FAILED")
CHROMIUM = "/usr/bin/chromium"
# A folder, for whoever wants to see what `look` looks at.
PICTURES = os.environ.get("MILEPOST_TEST_PICTURES", "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs a loop of its own in this thread, which Django would otherwise take for an async view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser: Browser, live_server: object, log_in: Callable[[User], Client]) -> Iterator[Callable[..., Page]]:
    """A tab at this address, signed in as this user; it must never complain in its console."""
    complaints: list[str] = []

    def open_tab(path: str, user: User | None = None, scheme: str = "light", width: int = 1280) -> Page:
        context = browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
        )
        if user:
            cookie = log_in(user).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server}{path}")
        return page

    yield open_tab
    # What is refused is said on the page too; and this server has no streams, which the page is told once.
    assert not [words for words in complaints if not EXPECTED.search(words)]


def look(page: Page, name: str, looks: Sequence[tuple[str, int]]) -> None:
    """Axe has nothing to say and the page is no wider than the window, in each scheme and width."""
    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=RULES)
        assert not found.response["violations"], (name, scheme, width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def make_card(kind: str, state: str) -> MilestoneCard:
    position = KINDS.index(kind) + 1
    return MilestoneCard(
        kind=kind,
        title=f"Title of {kind}",
        summary=f"Summary of {kind}.",
        minutes=90,
        position=position,
        state=state,
        opens_when=f"Title of {KINDS[position - 2]}" if state == "locked" else "",
        url=f"/{kind}/",
        latest_submission_url=None,
        passed_at=NOON if state in ("passed", "regressed") else None,
        setback=SetbackNote("", "It does not hold.", 4, "/submissions/9/") if state == "regressed" else None,
    )


@pytest.fixture
def make_map() -> Callable[..., ProjectMap]:
    """A project whose five milestones are in these states."""

    def make(*states: str, enrolled: bool = True) -> ProjectMap:
        cards = [make_card(kind, state) for kind, state in zip(KINDS, states, strict=True)]
        domains = ["payments", "market-place"]
        return ProjectMap("watch", "Watch", "A summary.", "Marta", "1.0.0", domains, enrolled, cards, "/watch/")

    return make


@pytest.fixture
def failed_page(make_map: Callable[..., ProjectMap]) -> SubmissionPage:
    """A judged submission of clean: one check holds, one does not, one was not asked."""
    project = make_map("passed", "failed", "locked", "locked", "locked")
    lines = [("first", "held"), ("second", "failed"), ("third", "failed"), ("fourth", "not asked")]
    return SubmissionPage(
        id=41,
        number=7,
        project=project,
        card=project.milestones[1],
        state="done",
        outcome="failed",
        sentence="A number is there twice.",
        guilty="",
        position_in_queue=None,
        created=NOON,
        finished=NOON + timedelta(seconds=9),
        via="web",
        tree_digest="4f1c",
        events=[EventLine(NOON + timedelta(seconds=1.5), "clean", "running your code")],
        chain=[
            ChainLink("ingest", "Title of ingest", "passed", True, 0, 0, 0, {"cpu_s": 60}),
            ChainLink("clean", "Title of clean", "failed", False, 52.1, 30, 100, {"cpu_s": 60, "memory_mb": 1024}),
        ],
        results=[_make_line(name, answer) for name, answer in lines],
        digests={"world": "9b1f", "tree": "4f1c"},
    )


def _make_line(name: str, answer: str) -> CheckLine:
    failed = answer == "failed"
    return CheckLine(
        name=name,
        title=name.capitalize(),
        question=f"Does the {name} hold?",
        answer=answer,
        sentence=f"The {name} does not hold." if failed else "",
        expected="4 numbers" if failed else "",
        found="5 numbers" if failed else "",
        details=[{"kind": "twice", "missed": 2031}] if failed else [],
        skills=["prevent-leakage"],
        level=3,
    )


@pytest.fixture
def draw_submission(failed_page: SubmissionPage) -> Callable[..., str]:
    """The submission page's changing part, with these fields changed."""

    def draw(**changes: Any) -> str:
        page = replace(failed_page, **changes)
        return render_to_string("learner/submission_body.html", {"page": page, "live_mark": "3.running.0.1"})

    return draw


@pytest.fixture
def draw_map() -> Callable[[ProjectMap], str]:
    def draw(project: ProjectMap) -> str:
        request = RequestFactory().get("/watch/")
        repository = "http://testserver/git/alice/watch.git"
        context = {"project": project, "story": "Marta.", "repository": repository}
        return render_to_string("learner/project.html", context, request)

    return draw
