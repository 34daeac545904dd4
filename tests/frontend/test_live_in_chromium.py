"""A submission followed in a real browser, from a real server with streams; the ledger writes what a worker would."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.learners import hub, intake, ledger
from people.learners.models import Run
from people.watching import divert_watchers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTILE = "<img src=x onerror=document.title='stolen'>"


class Server(uvicorn.Server):
    """In a thread, where no signal can be taken."""

    def install_signal_handlers(self) -> None:
        return


@pytest.fixture
def address() -> Iterator[str]:
    """Where the application answers under ASGI."""
    application = divert_watchers(get_asgi_application())
    config = uvicorn.Config(application, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def run(alice: User, tiny: Project, rings: list[object]) -> Run:
    return intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b""}, "web")


@pytest.fixture
def complaints() -> list[str]:
    """What the page says in its console; at the end it must be nothing."""
    return []


@pytest.fixture
def page(
    browser: Browser, address: str, alice: User, run: Run, log_in: Callable[[User], Client], complaints: list[str]
) -> Iterator[Page]:
    """The submission's page in alice's browser; it must never complain in its console."""
    context = browser.new_context()
    cookie = log_in(alice).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/submissions/{run.submission_id}/")
    yield page
    assert complaints == []
    context.close()


def claim(run: Run) -> Run:
    claimed = ledger.claim(run.pk)
    assert claimed
    return claimed


def test_what_happens_comes_by_itself_and_what_is_printed_is_only_text(
    page: Page, run: Run, passed_ingest: Verdict
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.get_by_role("heading", name="Next in the queue.")).to_be_visible()
    claimed = claim(run)
    expect(page.get_by_role("heading", name="We are running your code.")).to_be_visible()
    ledger.note_event(claimed, "ingest", "running your code")
    ledger.note_event(claimed, "ingest", f"epoch 1\n{HOSTILE}", "output")
    ledger.note_event(claimed, "ingest", "does not hold: Every line is a number.", "failed")
    expect(page.locator(".said pre")).to_have_text(f"epoch 1\n{HOSTILE}")
    expect(page.locator(".log li")).to_have_count(2)
    expect(page.locator(".log li.answered")).to_contain_text("does not hold: Every line is a number.")
    expect(page.locator("#announcement")).to_have_text("running your code")
    ledger.record(claimed, passed_ingest)
    expect(page.get_by_role("heading", name="All 1 checks of ingest hold.")).to_be_visible()
    expect(page.locator("#announcement")).to_contain_text("The verdict is in.")
    assert page.locator("img").count() == 0
    assert "stolen" not in page.title()
    looks = [url for url in asked if "/live/" in url]
    assert len(looks) <= 4, "the page is not asked for over and over while the stream is there"


def test_a_reload_and_a_lost_connection_lose_nothing_and_repeat_nothing(
    page: Page, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = claim(run)
    expect(page.get_by_role("heading", name="We are running your code.")).to_be_visible()
    ledger.note_event(claimed, "ingest", "step 0")
    expect(page.locator(".log li")).to_have_count(1)
    page.reload()
    ledger.note_event(claimed, "ingest", "step 1")
    expect(page.locator(".log .says-what")).to_have_text(["step 0", "step 1"])
    # Who falls behind is sent away, and the browser comes back with the last that it heard.
    monkeypatch.setattr(hub, "MOST_UNREAD", 1)
    page.reload()
    for number in range(2, 9):
        ledger.note_event(claimed, "ingest", f"step {number}")
    expect(page.locator(".log .says-what")).to_have_text([f"step {number}" for number in range(9)])


def test_a_hidden_tab_gives_its_connection_back_and_goes_on_when_it_is_seen(page: Page, run: Run) -> None:
    claimed = claim(run)
    expect(page.get_by_role("heading", name="We are running your code.")).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    ledger.note_event(claimed, "ingest", "while nobody looked")
    page.wait_for_timeout(600)
    expect(page.locator(".log li")).to_have_count(0)
    page.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".log .says-what")).to_have_text(["while nobody looked"])


def test_who_signed_out_is_led_to_the_door(page: Page, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("people.watching.ASKED_AGAIN_S", 0.1)
    # Away first: a late answer to the page of before would be taken for one to this.
    watched = page.url
    page.goto("about:blank")
    with page.expect_response(re.compile("/events")):
        page.goto(watched)
    alice.set_password("another one now")
    alice.save()
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_who_signed_out_before_the_stream_began_is_led_to_the_door_as_well(
    page: Page, alice: User, complaints: list[str]
) -> None:
    page.route("**/events*", lambda route: route.fulfill(status=401, body=""))
    page.reload()
    expect(page.get_by_role("heading", name="Next in the queue.")).to_be_visible()
    alice.set_password("another one now")
    alice.save()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    assert all("401" in complaint for complaint in complaints), "a refused stream is all that a browser may report"
    complaints.clear()
