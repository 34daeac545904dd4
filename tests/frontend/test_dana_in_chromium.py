"""Dana's week in a real browser: a cohort from its roster to its gradebook, and Charlie before closed doors."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort
from people.learners import intake, queries
from people.learners.models import Run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ("", "stoppers/", "at-risk/", "review/", "gradebook/", "dates/", "people/", "teams/", "permits/", "likeness/")
PAGES += ("lms/", "regrade/", "settings/", "invitations/", "roster/", "gradebook.csv", "standing/bob/")


@pytest.fixture
def work(
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    broken_ingest: Verdict,
) -> Callable[[User, bool], Run]:
    """Play a learner who hands in ingest, and the worker who judges it."""

    def hand_in(user: User, is_good: bool) -> Run:
        files = {"pipeline/ingest.py": b"import json\nprint(5)\n"}
        run = intake.submit(queries.access_enrolment(user, "tiny"), "ingest", files, "web")
        conclude(run, passed_ingest if is_good else broken_ingest)
        return run

    return hand_in


def in_days(days: int) -> str:
    return f"{timezone.now() + timedelta(days=days):%Y-%m-%dT17:00}"


def create_cohort(page: Page) -> str:
    """Fill in the form; where the cohort's pages are."""
    page.get_by_label("Title", exact=True).fill("Winter")
    page.get_by_label("Tiny").check()
    page.get_by_role("button", name="Create the cohort").click()
    return f"{page.url.split('/cohorts/')[0]}/cohorts/{Cohort.objects.get().slug}"


def import_roster(page: Page, cohort: str, roster: Path) -> None:
    roster.write_text("username,section,accommodations\nalice,North,\nbob,South,25\n,South,\n")
    page.goto(f"{cohort}/roster/")
    page.locator("input[type=file]").set_input_files(roster)
    page.get_by_role("button", name="Look what it would do").click()
    expect(page.get_by_role("heading", name="What this roster would do")).to_be_visible()
    page.get_by_role("button", name="Apply the roster").click()


def come_in(page: Page, root: str) -> None:
    """Take the place that the roster keeps, and enrol."""
    page.get_by_role("button", name="Take the place Winter").click()
    page.goto(f"{root}/projects/tiny/")
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_text("You are enrolled.")).to_be_visible()


def see_who_is_stuck(page: Page, cohort: str) -> None:
    page.goto(f"{cohort}/")
    stuck = page.get_by_role("row", name="Bob")
    expect(stuck.locator("[data-state=broken]").first).to_be_visible()
    expect(page.get_by_role("row", name="Alice").locator("[data-state=passed]").first).to_be_visible()
    stuck.get_by_role("link", name="by Bob at ingest").click()
    expect(page.get_by_text("ValueError: [bold]five[/bold]").first).to_be_visible()


def give_more_time(page: Page, cohort: str) -> None:
    page.goto(f"{cohort}/dates/")
    page.get_by_role("group", name="1 ingest").get_by_label("Due").fill(in_days(10))
    page.get_by_role("button", name="Keep these dates").click()
    page.get_by_label("Who", exact=True).select_option("bob")
    page.get_by_label("Until").fill(in_days(30))
    page.get_by_label("Why", exact=True).fill("Was ill.")
    page.get_by_role("button", name="Give more time").click()
    expect(page.get_by_role("row", name="Bob").get_by_text("Was ill.")).to_be_visible()


def comment_and_override(page: Page, cohort: str, run: Run) -> None:
    page.goto(f"{cohort}/submissions/{run.submission_id}/review/")
    page.get_by_role("link", name="Comment on line 2").click()
    page.get_by_label("Comment on line 2 of pipeline/ingest.py").fill("Which five?")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.locator("summary", has_text="Count it as passed").click()
    page.get_by_label("The reason, which the learner reads").fill("Shown at the board.")
    page.get_by_role("button", name="Count it as passed").click()
    expect(page.get_by_text("by Dana: Shown at the board.")).to_be_visible()


def export(page: Page, cohort: str) -> list[str]:
    page.goto(f"{cohort}/gradebook/")
    with page.expect_download() as waited:
        page.get_by_role("link", name="CSV").click()
    return Path(waited.value.path()).read_text(encoding="utf-8-sig").splitlines()


def test_dana_leads_a_cohort_from_its_roster_to_its_gradebook(
    open_page: Callable[..., Page],
    alice: User,
    bob: User,
    charlie: User,
    dana: User,
    tiny: Project,
    work: Callable[[User, bool], Run],
    tmp_path: Path,
    settings: object,
) -> None:
    settings.MILEPOST_OPEN_COHORTS = True  # type: ignore[attr-defined]
    page = open_page("/cohorts/new/", dana)
    cohort = create_cohort(page)
    import_roster(page, cohort, tmp_path / "roster.csv")
    for user, is_good in ((alice, True), (bob, False)):
        theirs = open_page("/", user)
        come_in(theirs, cohort.split("/cohorts/")[0])
        run = work(user, is_good)
    see_who_is_stuck(page, cohort)
    give_more_time(page, cohort)
    comment_and_override(page, cohort, run)
    theirs.reload()
    expect(theirs.get_by_text("by Dana: Shown at the board.").first).to_be_visible()
    assert [line.split(",")[0] for line in export(page, cohort)[1:3]] == ["alice", "bob"]
    outsider = open_page("/", charlie)
    for door in PAGES:
        assert page.request.get(f"{cohort}/{door}").status == 200, door
        assert outsider.request.get(f"{cohort}/{door}").status == 404, door
