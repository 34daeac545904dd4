"""The browser editor in a real browser: keys alone, two tabs, what was not saved; and axe, in both themes."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from curriculum.models import Project
from frontend.words import EDITOR_PHRASES
from people.accounts.models import User
from people.learners import intake, saving, tasks
from people.learners.git import run_git
from people.learners.models import Enrolment, Submission
from people.learners.repositories import open_repository
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EDIT = "/projects/tiny/edit/pipeline/ingest.py"
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
    write(page, "mine = 1\n")
    page.route(f"**{EDIT}", lambda route: route.abort())
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_contain_text("the server could not be reached")
    page.unroute(f"**{EDIT}")
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
    context.close()


@pytest.fixture
def addresses(enrolled: Enrolment) -> list[str]:
    """Every page of the editor, with something on it."""
    base = saving.save_file(enrolled, "README.md", "", README).name
    tasks.look_at_world(enrolled.pk)
    tasks.look_at_work(intake.submit_saved(enrolled, "ingest").submission_id)
    saving.save_file(enrolled, "README.md", base, README.replace("Some", "Many"))
    for path, text in (
        ("pipeline/reader.py", PYTHON),
        ("odd.yaml", "a: [1, two]\nb: true  # so\n"),
        ("t.toml", "[a]\nb = 1\n"),
    ):
        saving.save_file(enrolled, path, "", text)
    edit = "/projects/tiny/edit/"
    files = [f"{edit}{path}" for path in ("pipeline/reader.py", "README.md", "odd.yaml", "t.toml", "none.py")]
    beside = [f"/projects/tiny/{path}/" for path in ("changes", "data", "data/made")]
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
