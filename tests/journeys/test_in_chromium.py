"""The product as it is started, web and worker and beat, walked through by a newcomer in a real Chromium."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "projects" / "chargeback-watch"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
START_S, VERDICT_MS, STOP_S = 240, 120_000, 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Milepost as `scripts/serve` starts it, on a port and in a folder of its own; Ctrl-C must end it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MILEPOST_VAR"}}
    port = free_port()
    environment = {**kept, "MILEPOST_VAR": str(tmp_path_factory.mktemp("var")), "PORT": str(port)}
    process = subprocess.Popen([sys.executable, "scripts/supervise.py"], cwd=ROOT, env=environment, text=True)
    try:
        wait_until_up(process, f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_S) == 0


def wait_until_up(process: "subprocess.Popen[str]", url: str) -> None:
    for _ in range(START_S * 2):
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            assert process.poll() is None, "Milepost did not start"
            try:
                process.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail("Milepost did not answer in time")


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        yield page
        browser.close()


def zip_tree(folder: Path, into: Path) -> Path:
    return Path(shutil.make_archive(str(into / folder.name), "zip", folder))


def hand_in(page: Page, address: str, kind: str, archive: Path) -> None:
    page.goto(f"{address}/projects/chargeback-watch/milestones/{kind}/")
    page.get_by_label("Your project as a zip").set_input_files(archive)
    page.get_by_role("button", name="Hand in the zip").click()
    page.wait_for_url(re.compile(r"/submissions/\d+/"))


def expect_verdict(page: Page, word: str) -> None:
    """The page brings the verdict by itself, while it is looked at."""
    verdict = page.locator("section.sign[aria-labelledby=verdict-title] .over")
    expect(verdict).to_have_text(word, timeout=VERDICT_MS)


def test_a_newcomer_signs_up_fails_reads_why_and_opens_two_milestones(address: str, page: Page, tmp_path: Path) -> None:
    reference = zip_tree(PROJECT / "reference", tmp_path)
    page.goto(f"{address}/accounts/signup/")
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password", exact=True).fill("a rather long password")
    page.get_by_label(re.compile(r"Password \(again\)|Repeat|again", re.I)).fill("a rather long password")
    page.get_by_role("button", name="Sign up").click()
    page.goto(f"{address}/projects/chargeback-watch/")
    page.get_by_role("button", name=re.compile("Enrol")).first.click()

    page.goto(f"{address}/projects/chargeback-watch/edit/")
    page.get_by_role("textbox", name="Text of pipeline/ingest.py").press("Control+Home")
    page.keyboard.type("# Mine.\n")
    page.get_by_role("button", name="Save and hand in ingest").click()
    expect_verdict(page, "Not passed")
    expect(page.locator("details.fold[open]")).to_have_count(1)

    page.goto(f"{address}/projects/chargeback-watch/data/")
    expect(page.get_by_text("customers.db")).to_be_visible(timeout=VERDICT_MS)
    page.goto(f"{address}/projects/chargeback-watch/data/made/")
    expect(page.get_by_role("heading", name="Ingest")).to_be_visible(timeout=VERDICT_MS)

    page.goto(f"{address}/projects/chargeback-watch/milestones/clean/")
    expect(page.get_by_text("Not open yet")).to_be_visible()

    for kind in ("ingest", "clean"):
        hand_in(page, address, kind, reference)
        expect_verdict(page, "Passed")
    page.goto(f"{address}/track/")
    expect(page.get_by_text("2 of 6 milestones passed").first).to_be_visible()


def test_the_demo_cast_finds_work_that_was_judged_already(address: str, page: Page) -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label(re.compile("Username", re.I)).fill("alice")
    page.get_by_label("Password").fill("milepost-demo")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/projects/chargeback-watch/milestones/ingest/")
    expect(page.get_by_text("Passed").first).to_be_visible()
