"""The pages in a real browser: what needs JavaScript, and axe over every page, light and dark, desktop and phone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from curriculum.models import Milestone, Project, Track
from grading.kit.plots import bars
from grading.pipeline import Job, void
from grading.verdict import Answer, Usage, Verdict
from grading.world import Draw
from people.accounts.models import User
from people.cohorts import reviewing
from people.cohorts.models import Cohort, Membership, Role
from people.cohorts.queries import access_cohort
from people.cohorts.test_learner import make_test_learner
from people.goals.reminders import SIGNER
from people.goals.setting import set_goal
from people.learners import helping, intake, ledger
from people.learners.models import Permit, Run, Submission
from scripts.crowd import make_crowd
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Conclude = Callable[[Run, Verdict], None]


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


def test_keys_alone_reach_the_content_and_open_a_check_whose_answer_stands_beside_it(
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
    asked, answer = (fold.locator(f"summary .{name}").bounding_box() for name in ("asks", "mark"))
    assert asked["x"] + asked["width"] <= answer["x"]
    assert asked["y"] <= answer["y"] + answer["height"] / 2 <= asked["y"] + asked["height"]
    for _ in range(12):
        page.keyboard.press("Tab")
        if fold.locator("summary").evaluate("summary => summary === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("open", "")


@pytest.mark.parametrize("path", ["/", "/projects/tiny/"])
def test_the_map_follows_what_is_judged_by_itself_and_survives_a_reload(
    path: str,
    open_page: Callable[..., Page],
    alice: User,
    tiny: Project,
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
) -> None:
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"pipeline/ingest.py": b""}, "web")
    page = open_page(path, alice)
    state = page.locator(".mark", has_text="In the queue").first
    expect(state).to_be_visible()
    page.reload()
    expect(state).to_be_visible()
    going_on = page.get_by_role("link", name="Continue")
    going_on.focus()
    conclude(run, passed_ingest)
    expect(page.locator("#announcement")).to_contain_text("The verdict is in")
    expect(going_on).to_be_focused()
    expect(state).to_be_hidden()
    expect(page.locator('.plate[data-state="passed"]').first).to_be_visible()
    expect(page.locator("[data-look]")).to_have_count(0)


def test_a_zone_that_was_chosen_is_kept_and_else_the_browsers_is_shown(
    open_page: Callable[..., Page],
    alice: User,
    tiny: Project,
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
) -> None:
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"pipeline/ingest.py": b""}, "web")
    conclude(run, passed_ingest)
    Run.objects.update(finished_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    page = open_page("/me/", alice)
    page.get_by_label("Time zone", exact=True).select_option("Australia/Perth")
    page.get_by_role("button", name="Keep this zone").click()
    expect(page.get_by_role("status")).to_contain_text("Times are shown in your zone")
    page.goto(page.url.replace("/me/", "/projects/tiny/"))
    expect(page.locator("time").first).to_have_text("21 Nov 2026, 02:30 AWST")


@pytest.fixture
def addresses(
    alice: User,
    bob: User,
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
    held = replace(failed_clean.own.results[0], answer=Answer.HELD, sentence="")
    better = replace(failed_clean.own, results=(held, *failed_clean.own.results[1:]), usage=Usage(3, 9, 90))
    after = replace(failed_clean, chain=(*failed_clean.chain[:-1], better))
    judged = [("ingest", broken_ingest), ("ingest", passed_ingest), ("clean", failed_clean), ("clean", after)]
    for kind, verdict in judged:
        runs.append(intake.submit(enrolment, kind, {"pipeline/ingest.py": b""}, "web"))
        conclude(runs[-1], verdict)
    for state in ("void", "running", "superseded", "queued"):
        runs.append(intake.submit(enrolment, "clean", {"pipeline/clean.py": state.encode()}, "web"))
        if state == "void":
            Run.objects.filter(pk=runs[-1].pk).update(tries=9)
            conclude(runs[-1], void(Job("", "clean", "", Draw(1, 1, "")), "the disk was full"))
        if state == "running":
            running = ledger.claim(runs[-1].pk)
            assert running
            for text, kind in (("running your code", "step"), ("epoch 1\nepoch 2", "output"), ("holds: it", "held")):
                ledger.note_event(running, "clean", text, kind)
    gates = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/"]
    set_goal(alice, "days", 3, reminds=False)
    gates.append(f"/reminders/{SIGNER.sign(str(alice.pk))}/")
    own = ["/", "/track/", "/projects/tiny/", "/me/", "/me/skills/", "/accounts/password/change/"]
    own += [f"/projects/tiny/milestones/{kind}/" for kind in ("ingest", "clean")]
    own += [f"/projects/tiny/{path}" for path in ("edit/pipeline/clean.py", "changes/", "data/", "data/made/")]
    own += [f"/submissions/{run.submission_id}/" for run in runs]
    ways = (
        "",
        "permits/",
        "people/",
        "invitations/",
        "roster/",
        "dates/",
        "teams/",
        "lms/",
        "gradebook/",
        "gradebook/?sort=height",
    )
    ways += ("stoppers/", "at-risk/", "checks/tiny/clean/", "standing/alice/")
    led = [(f"/cohorts/autumn/{way}", dana) for way in ways]
    led += [("/cohorts/", dana), ("/cohorts/new/", dana), ("/me/cohorts/autumn/", alice)]
    led += review(cohort, dana, alice, runs)
    return (
        [(path, None) for path in gates]
        + [(path, alice) for path in own]
        + led
        + help_with(alice, bob, dana)
        + lead_crowd(dana)
    )


def review(cohort: Cohort, dana: User, alice: User, runs: list[Run]) -> list[tuple[str, User | None]]:
    """Where Dana says something beside the machine, and Alice answers."""
    leader = access_cohort(dana, cohort.slug)
    broken, _passed, failed = (run.submission for run in runs[:3])
    reviewing.override(leader, broken, "", "passed", "Shown at the board.")
    reviewing.override(leader, failed, "no_number_appears_twice", "held", "Twice is right here.")
    thread = reviewing.comment(leader, failed, "pipeline/ingest.py", 1, "Where is it?")
    reviewing.answer(alice, thread, "In the next one.")
    make_test_learner(leader)
    page = f"/cohorts/autumn/submissions/{failed.pk}/review/"
    choices = ("", "?against=last", "?against=reference", "?path=pipeline/ingest.py&line=1")
    return [("/cohorts/autumn/review/", dana), *((f"{page}{choice}", dana) for choice in choices)]


def help_with(alice: User, bob: User, dana: User) -> list[tuple[str, User | None]]:
    """Where help is offered: Alice has passed ingest, and Bob may have it before its time."""
    ingest = Milestone.objects.get(kind="ingest")
    for kind, check in (("ingest", "every_line_is_there"), ("clean", "no_number_appears_twice")):
        Milestone.objects.filter(kind=kind).update(hints=f"## {check}\n\n1. Count *them*.\n2. All.\n3. `len(lines)`.\n")
    helping.open_hint(
        intake.enrol(alice, ingest.project), Milestone.objects.get(kind="ingest"), "every_line_is_there", 1
    )
    intake.enrol(bob, ingest.project)
    for what in Permit.What.values:
        helping.permit(dana, [bob], "tiny", "ingest", what)
    address = "/projects/tiny/milestones/ingest/"
    places = [("reference/", alice), ("", bob), ("reference/", bob), ("loan/", bob)]
    return [(f"{address}{place}", user) for place, user in places]


def lead_crowd(dana: User) -> list[tuple[str, User | None]]:
    """So many that they are drawn, and a table shows the first of them."""
    Membership.objects.create(cohort=make_crowd(80), user=dana, role=Role.INSTRUCTOR)
    return [(f"/cohorts/crowd/{way}", dana) for way in ("", "stoppers/", "checks/crowd/clean/")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(
    scheme: str, width: int, open_page: Callable[..., Page], addresses: list[tuple[str, User | None]]
) -> None:
    for user, paths in group_by_reader(addresses).items():
        for page in leaf_through(open_page("/", user, scheme, width), paths):
            found = Axe().run(page, options=RULES).response["violations"]
            assert not [(page.url, fault["id"], fault["nodes"][0]["html"]) for fault in found]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"


def group_by_reader(addresses: list[tuple[str, User | None]]) -> dict[User | None, list[str]]:
    readers: dict[User | None, list[str]] = {}
    for path, user in addresses:
        readers.setdefault(user, []).append(path)
    return readers


def leaf_through(page: Page, paths: list[str]) -> Iterator[Page]:
    """One tab for all pages of a reader, as readers have it: what pages share is fetched once."""
    home = page.url
    for path in paths:
        page.goto(urljoin(home, path))
        yield page
    page.context.close()


@pytest.fixture
def plotted(alice: User, tiny: Project, rings: list[object], conclude: Conclude, failed_clean: Verdict) -> str:
    """The address of a submission whose failing check has a picture."""
    missed = {"double": 1.0, "a kind of defect that has a very long name": 0.5, "none": 0.0}
    plot = bars(missed, title="Missed by kind", by="kind", value="share missed", share=True, mark=0.1)
    own = failed_clean.own
    results = tuple(replace(result, plot=plot if result.sentence else None) for result in own.results)
    verdict = replace(failed_clean, chain=(*failed_clean.chain[:-1], replace(own, results=results)))
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"pipeline/ingest.py": b""}, "web")
    conclude(run, verdict)
    return f"/submissions/{run.submission_id}/"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_a_plot_is_drawn_under_the_policy_and_told_as_a_table(
    scheme: str, width: int, open_page: Callable[..., Page], alice: User, plotted: str
) -> None:
    page = open_page(plotted, alice, scheme, width)
    figure = page.get_by_role("figure")
    figure.scroll_into_view_if_needed()
    expect(figure.get_by_role("img", name="Missed by kind")).to_be_visible()
    drawing = figure.locator("svg.marks")
    expect(drawing).to_contain_text("share missed; the line is at 10%")
    room = figure.locator(".drawing")
    assert room.evaluate("room => room.scrollWidth <= room.clientWidth && room.scrollHeight <= room.clientHeight")
    bar = drawing.locator(".mark-rect path").first
    assert (
        bar.evaluate("bar => getComputedStyle(bar).fill")
        == {"light": "rgb(11, 93, 63)", "dark": "rgb(116, 216, 170)"}[scheme]
    )
    figure.get_by_text("The same as a table").click()
    expect(figure.get_by_role("cell", name="50.0%")).to_be_visible()
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_draws_is_fetched_only_where_there_is_a_plot(
    open_page: Callable[..., Page], alice: User, plotted: str
) -> None:
    page = open_page("/track/", alice)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.reload(wait_until="networkidle")
    assert not [url for url in fetched if "vega" in url or "plots.js" in url]
    page.route("**/vega-lite.min.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(page.url.replace("/track/", plotted))
    expect(page.get_by_role("cell", name="50.0%")).to_be_visible()
    expect(page.locator(".drawing")).to_have_count(0)


def test_a_hint_opens_in_its_place_and_what_is_lent_opens_the_next(
    open_page: Callable[..., Page], alice: User, dana: User, tiny: Project, rings: list[object]
) -> None:
    Milestone.objects.filter(kind="ingest").update(hints="## every_line_is_there\n\n1. Count.\n2. Lines.\n3. `len`.\n")
    intake.enrol(alice, tiny)
    helping.permit(dana, [alice], "tiny", "ingest", "loan")
    page = open_page("/projects/tiny/milestones/ingest/", alice)
    page.get_by_text("3 hints").click()
    expect(page.get_by_text("It costs nothing, and leaves no trace.")).to_be_visible()
    page.get_by_role("button", name="Open hint 1 of 3").click()
    expect(page.get_by_text("Your evidence will say that you read it.")).to_be_visible()
    expect(page.locator("summary", has_text="Hint 1 of 3")).to_be_focused()
    page.get_by_role("link", name="See what that means").click()
    page.get_by_role("button", name="Lend me ingest").click()
    expect(page.get_by_role("heading", name="Lent to you")).to_be_visible()
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("Given back.")).to_be_visible()


def test_a_sign_of_the_drawing_says_whose_it_is_and_leads_to_what_is_behind_it(
    open_page: Callable[..., Page], dana: User
) -> None:
    Membership.objects.create(cohort=make_crowd(130), user=dana, role=Role.INSTRUCTOR)
    page = open_page("/cohorts/crowd/?sort=name", dana)
    drawing = page.locator("svg.map")
    box = drawing.bounding_box()
    assert box
    first_sign = {"x": box["width"] * 0.006, "y": box["height"] * 0.012}
    # A part of the page that arrives later may move the drawing away from under a pointer that has come to rest.
    page.wait_for_load_state("networkidle")
    drawing.hover(position=first_sign)  # type: ignore[arg-type]
    name = page.locator("tbody th a").first.inner_text()
    expect(page.locator("[data-under]")).to_contain_text(f"{name} · ingest · ")
    drawing.click(position=first_sign)  # type: ignore[arg-type]
    expect(page.locator(".picked").get_by_role("heading", name=f"{name} in Crowded Road")).to_be_visible()
    expect(page.locator(".picked li")).to_have_count(6)


def test_who_leads_comments_on_a_line_overrides_looks_as_the_learner_and_stops(
    open_page: Callable[..., Page],
    alice: User,
    dana: User,
    tiny: Project,
    rings: list[object],
    conclude: Conclude,
    broken_ingest: Verdict,
) -> None:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (dana, Role.INSTRUCTOR)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"pipeline/ingest.py": b"import json\nprint(5)\n"}, "web")
    conclude(run, broken_ingest)
    page = open_page(f"/cohorts/autumn/submissions/{run.submission_id}/review/", dana)
    page.get_by_role("link", name="Comment on line 2").click()
    page.get_by_label("Comment on line 2 of pipeline/ingest.py").fill("Which five?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".thread", has_text="Which five?")).to_be_visible()
    page.locator("summary", has_text="Count it as passed").click()
    page.get_by_label("The reason, which the learner reads").fill("Shown at the board.")
    page.get_by_role("button", name="Count it as passed").click()
    expect(page.get_by_text("by Dana: Shown at the board.")).to_be_visible()
    page.goto(page.url.split("/cohorts/")[0] + "/cohorts/autumn/review/")
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_text("You see what Alice sees")).to_be_visible()
    page.get_by_role("link", name="Tiny", exact=True).click()
    expect(page.get_by_text("by Dana: Shown at the board.")).to_be_visible()
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in found]
    page.get_by_role("button", name="Stop looking").click()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible()
    theirs = open_page("/", alice)
    theirs.get_by_role("link", name="Tiny, submission 1 (ingest)").click()
    theirs.locator("summary", has_text="Answer").click()
    theirs.get_by_label("Your answer").fill("Mine.")
    theirs.get_by_role("button", name="Answer").click()
    expect(theirs.locator(".thread", has_text="Mine.")).to_be_visible()
