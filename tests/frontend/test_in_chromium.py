"""The pages in a real browser: what needs JavaScript, and axe over every page, light and dark, desktop and phone."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from curriculum.models import Project, Track
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners import intake
from people.learners.models import Run, Submission

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
Conclude = Callable[[Run, Verdict], None]


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
    assert not [words for words in complaints if "404" not in words]


@pytest.fixture
def track(tiny: Project) -> Track:
    return Track.objects.create(slug="ml", title="ML engineer", summary="All the way.", slugs=["tiny"])


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A learner's folder, with what should stay at home."""
    for path in ("pipeline/__init__.py", "pipeline/ingest.py", ".git/config", "data/raw/a.csv", ".venv/bin/python"):
        file = tmp_path / "work" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("print(5)\n")
    return tmp_path / "work"


def test_a_folder_is_handed_in_and_the_verdict_comes_by_itself(
    open_page: Callable[..., Page],
    alice: User,
    track: Track,
    project_folder: Path,
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
) -> None:
    page = open_page("/track/", alice)
    page.get_by_role("button", name="Enrol").click()
    page.get_by_role("link", name="Begin").click()
    page.get_by_label("Or the folder as it is").set_input_files(project_folder)
    expect(page.locator("#folder-help")).to_have_text("2 files, 1 kB will be sent; 3 left at home.")
    page.get_by_role("button", name="Hand in the folder").click()
    expect(page.get_by_role("heading", name="Next in the queue.")).to_be_visible()
    run = Submission.objects.get().runs.get()
    conclude(run, passed_ingest)
    expect(page.get_by_role("heading", name="All 1 checks of ingest hold.")).to_be_visible()
    expect(page.locator("#announcement")).to_contain_text("The verdict is in.")
    page.get_by_role("link", name="On to milepost 2").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_keys_alone_reach_the_content_and_open_a_check(
    open_page: Callable[..., Page],
    alice: User,
    tiny: Project,
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
) -> None:
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"pipeline/ingest.py": b""}, "web")
    conclude(run, passed_ingest)
    page = open_page(f"/submissions/{run.submission_id}/", alice)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    fold = page.locator("#check-every_line_is_there")
    for _ in range(12):
        page.keyboard.press("Tab")
        if fold.locator("summary").evaluate("summary => summary === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("open", "")


@pytest.fixture
def addresses(
    alice: User,
    dana: User,
    track: Track,
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
    failed_clean: Verdict,
    broken_ingest: Verdict,
) -> list[tuple[str, User | None]]:
    """Every page there is, with work in several states on it."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    Membership.objects.create(cohort=cohort, user=alice, role=Role.LEARNER)
    Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)
    enrolment = intake.enrol(alice, Project.objects.get())
    runs = []
    for kind, verdict in (("ingest", broken_ingest), ("ingest", passed_ingest), ("clean", failed_clean)):
        runs.append(intake.submit(enrolment, kind, {"pipeline/ingest.py": b""}, "web"))
        conclude(runs[-1], verdict)
    runs.append(intake.submit(enrolment, "clean", {"pipeline/clean.py": b""}, "web"))
    gates = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/"]
    own = ["/track/", "/projects/tiny/", "/me/", "/me/skills/", "/accounts/password/change/"]
    own += [f"/projects/tiny/milestones/{kind}/" for kind in ("ingest", "clean")]
    own += [f"/submissions/{run.submission_id}/" for run in runs]
    return [(path, None) for path in gates] + [(path, alice) for path in own] + [("/cohorts/autumn/", dana)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(
    scheme: str, width: int, open_page: Callable[..., Page], addresses: list[tuple[str, User | None]]
) -> None:
    for path, user in addresses:
        page = open_page(path, user, scheme, width)
        found = Axe().run(page, options=RULES).response["violations"]
        assert not [(path, fault["id"], fault["nodes"][0]["html"]) for fault in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"
        page.context.close()
