"""The browser editor in a real browser: keys alone, two tabs, what was not saved; and axe, in both themes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from curriculum.models import Project
from frontend.words import EDITOR_PHRASES
from people.accounts.models import User
from people.learners import intake, rehearsals, saving, tasks
from people.learners.git import run_git
from people.learners.models import Enrolment, Rehearsal, Run, Submission
from people.learners.rehearsing import rehearse_saved
from people.learners.repositories import open_repository
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EDIT = "/projects/tiny/edit/pipeline/ingest.py"
RIGHT = (Path(__file__).resolve().parents[1] / "fixtures/packages/tiny/reference/pipeline/ingest.py").read_text()
README = "# Numbers\n\nSome **words**, a [link](https://example.org) and `code`.\n"
PYTHON = '''"""Reads numbers."""

import json


class Reader:
    """Knows one folder."""

    def read(self, path: Path, most: int = 10_000) -> list[int]:
        # Empty lines are no numbers.
        lines = [line for line in path.read_text().splitlines() if line]
        return [int(line) for line in lines[:most]]


print(json.dumps({"read": True, "none": None}))
'''


@pytest.fixture
def enrolled(alice: User, tiny: Project, rings: list[object]) -> Enrolment:
    return intake.enrol(alice, tiny)


def kept(enrolment: Enrolment, path: str = "pipeline/ingest.py") -> str:
    return run_git(open_repository(enrolment), "show", f"main:{path}").decode()


def write(page: Page, text: str) -> None:
    """Replace all that is in the editor, as a person would."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_open_edit_save_conflict_compare_and_hand_in(
    open_page: Callable[..., Page], alice: User, enrolled: Enrolment
) -> None:
    page = open_page("/projects/tiny/milestones/ingest/", alice)
    page.get_by_role("link", name="Open the editor").click()
    expect(page.get_by_role("textbox", name="Text of pipeline/ingest.py")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    write(page, "first = 1\n")
    expect(page.get_by_role("status")).to_have_text("Not saved yet.")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Saved as a commit of yours.")
    assert kept(enrolled) == "first = 1\n"
    write(other, "second = 1\n")
    other.keyboard.press("Control+s")
    expect(other.get_by_role("heading", name="Not saved: there are two versions now.")).to_be_visible()
    expect(other.locator(".diff del")).to_have_text("first = 1")
    expect(other.locator(".cm-content")).to_have_text("second = 1")
    assert kept(enrolled) == "first = 1\n"
    other.get_by_role("button", name="Keep mine as a new save").click()
    expect(other.locator(".said")).to_have_text("Saved as a commit of yours.")
    assert kept(enrolled) == "second = 1\n"
    other.goto(other.url)
    other.get_by_role("link", name="What I changed of the starter").click()
    expect(other.locator(".diff ins")).to_have_text("second = 1")
    other.go_back()
    write(other, "third = 1\n")
    other.get_by_role("button", name="Save and hand in ingest").click()
    expect(other.get_by_role("heading", name="Next in the queue.")).to_be_visible()
    assert (kept(enrolled), Submission.objects.get().via) == ("third = 1\n", "editor")


def test_check_beside_the_text_mend_and_read_all_answers(
    open_page: Callable[..., Page], alice: User, enrolled: Enrolment
) -> None:
    page = open_page(EDIT, alice)
    write(page, "1 / 0\n")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save and check ingest")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved, and being checked.")
    beside = page.locator("#checked")
    expect(beside).to_contain_text("Your ingest is being checked.")
    assert kept(enrolled) == "1 / 0\n"
    tasks.rehearse(Rehearsal.objects.get().pk)
    expect(beside).to_contain_text("Did not run on your practice world")
    expect(beside).to_contain_text("ZeroDivisionError")
    write(page, RIGHT)
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Save and check ingest").click()
    expect(beside).to_contain_text("Your ingest is being checked.")
    claimed = rehearsals.claim(Rehearsal.objects.get().pk)
    assert claimed
    other.get_by_role("button", name="Save and check ingest").click()
    expect(other.get_by_role("heading", name="Not saved: there are two versions now.")).to_be_visible()
    write(page, RIGHT + "# more\n")
    page.get_by_role("button", name="Save and check ingest").click()
    expect(page.get_by_role("status")).to_contain_text("is being checked at this moment")
    assert kept(enrolled) == RIGHT + "# more\n", "what cannot be checked now is saved all the same"
    beside.get_by_role("link", name="Your ingest is being checked.").click()
    expect(page.get_by_role("heading", name="Your code is being checked.")).to_be_visible()
    let_lease_run_out(claimed)
    tasks.rehearse(claimed.pk)
    expect(page.get_by_role("heading", name="The one check of ingest holds.")).to_be_visible()
    expect(page.locator("#announcement")).to_contain_text("Holds on your practice world.")
    expect(page.get_by_role("button", name="Hand in ingest")).to_be_hidden()
    page.get_by_role("button", name="Check the ingest that is saved").click()
    expect(page.get_by_role("heading", name="It waits for a worker.")).to_be_visible()
    tasks.rehearse(claimed.pk)
    page.get_by_role("button", name="Hand in ingest").focus()
    page.get_by_role("link", name="Back to pipeline/ingest.py").click()
    expect(page.locator(".cm-content")).to_contain_text("# more")
    expect(beside).to_contain_text("Holds on your practice world. The one check of ingest holds.")
    write(page, "print(1)\n")
    page.keyboard.press("Control+s")
    expect(beside).to_contain_text("That was before your last change.")
    assert not Submission.objects.exists()
    beside.get_by_role("link").click()
    page.get_by_role("button", name="Check the ingest that is saved").click()


def let_lease_run_out(rehearsal: Rehearsal) -> None:
    Rehearsal.objects.filter(pk=rehearsal.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_what_was_not_saved_is_offered_after_a_reload(
    open_page: Callable[..., Page], alice: User, enrolled: Enrolment
) -> None:
    page = open_page(EDIT, alice)
    write(page, "unsaved = 1\n")
    page.reload()
    expect(page.locator(".cm-content")).not_to_contain_text("unsaved")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator(".cm-content")).to_contain_text("unsaved = 1")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Saved as a commit of yours.")
    assert kept(enrolled) == "unsaved = 1\n"
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('milepost-draft')).length") == 0
    write(page, "thrown = 1\n")
    page.reload()
    page.get_by_role("button", name="Throw it away").click()
    page.reload()
    expect(page.get_by_role("button", name="Throw it away")).to_be_hidden()


def test_a_save_that_does_not_arrive_loses_nothing(
    open_page: Callable[..., Page], alice: User, enrolled: Enrolment
) -> None:
    page = open_page(EDIT, alice)
    wire = {"cut": False}
    page.route(f"**{EDIT}", lambda route: route.abort() if wire["cut"] else route.continue_())
    # A page that was loaded before may send its next request around the route for a moment.
    page.reload()
    write(page, "mine = 1\n")
    wire["cut"] = True
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_contain_text("the server could not be reached")
    wire["cut"] = False
    session = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_contain_text("you are signed out")
    page.context.add_cookies(session)  # type: ignore[arg-type]
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Saved as a commit of yours.")
    assert kept(enrolled) == "mine = 1\n"


def test_keys_alone_write_leave_and_save(open_page: Callable[..., Page], alice: User, enrolled: Enrolment) -> None:
    page = open_page(EDIT, alice)
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("if 1:\n")
    page.keyboard.press("Tab")
    expect(page.locator(".cm-content")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved as a commit of yours.")
    assert kept(enrolled).startswith("if 1:\n    ")


def test_what_the_library_says_is_ours_to_translate(
    open_page: Callable[..., Page], alice: User, enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EDITOR_PHRASES, "by word", "ganze Wörter")
    page = open_page(EDIT, alice)
    page.locator(".cm-content").press("Control+f")
    expect(page.get_by_label("ganze Wörter")).to_be_visible()


def test_without_a_script_the_form_saves(
    open_page: Callable[..., Page], alice: User, enrolled: Enrolment, browser: object
) -> None:
    first = open_page("/track/", alice)
    context = first.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    context.add_cookies(first.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(first.url.replace("/track/", EDIT))
    page.get_by_label("Text of pipeline/ingest.py").fill("plain = 1\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert kept(enrolled) == "plain = 1\n"
    page.get_by_role("button", name="Save and check ingest").click()
    expect(page.get_by_role("heading", name="It waits for a worker.")).to_be_visible()
    tasks.rehearse(Rehearsal.objects.get().pk)
    page.reload()
    expect(page.locator(".sign")).to_contain_text("Does not hold on your practice world")
    context.close()


@pytest.fixture
def addresses(enrolled: Enrolment) -> list[str]:
    """Every page of the editor, with something on it."""
    base = saving.save_file(enrolled, "README.md", "", README).name
    tasks.look_at_world(enrolled.pk)
    tasks.look_at_work(intake.submit_saved(enrolled, "ingest").submission_id)
    Run.objects.update(state="done", outcome="broken")
    tasks.rehearse(rehearse_saved(enrolled, "ingest").pk)
    saving.save_file(enrolled, "README.md", base, README.replace("Some", "Many"))
    for path, text in (
        ("pipeline/reader.py", PYTHON),
        ("odd.yaml", "a: [1, two]\nb: true  # so\n"),
        ("t.toml", "[a]\nb = 1\n"),
    ):
        saving.save_file(enrolled, path, "", text)
    edit = "/projects/tiny/edit/"
    files = [f"{edit}{path}" for path in ("pipeline/reader.py", "README.md", "odd.yaml", "t.toml", "none.py")]
    beside = [f"/projects/tiny/{path}/" for path in ("changes", "check", "data", "data/made")]
    return [*files, *beside, "/projects/tiny/changes/?since=submission"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(
    scheme: str, width: int, open_page: Callable[..., Page], alice: User, addresses: list[str]
) -> None:
    for path in addresses:
        page = open_page(path, alice, scheme, width)
        if "/edit/" in path:
            expect(page.locator(".cm-content")).to_be_visible()
        inspect(page, f"{path.strip('/').replace('/', '-')}-{scheme}-{width}")
        page.context.close()
    page = open_page(addresses[0], alice, scheme, width)
    saving.save_file(
        Enrolment.objects.get(),
        "pipeline/reader.py",
        page.locator("form.editor [name=base]").input_value(),
        PYTHON + "print(1)\n",
    )
    write(page, PYTHON.replace("numbers", "no numbers"))
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="Not saved: there are two versions now.")).to_be_visible()
    page.get_by_role("button", name="Keep mine as a new save").scroll_into_view_if_needed()
    inspect(page, f"conflict-{scheme}-{width}")


def inspect(page: Page, name: str) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(name, fault["id"], fault["nodes"][0]["html"]) for fault in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
