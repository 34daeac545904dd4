"""Credentials in a real browser: claimed by Alice, read and verified by whoever has no account; axe on every page."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.employers import claiming
from people.employers.claiming import Wish
from people.employers.models import Credential
from people.learners import intake
from people.learners.models import Run
from tests.frontend.conftest import RULES
from tests.people.employers.conftest import make_verdict

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("MILEPOST_TEST_PICTURES", "")


@pytest.fixture
def claimed(alice: User, tiny: Project, rings: list[object], conclude: Callable[[Run, Verdict], None]) -> Credential:
    """Alice has passed all of tiny and claimed four: one stands, one has regressed, one will be and one is revoked."""
    cache.clear()
    enrolled = intake.enrol(alice, tiny)
    for kind in ("ingest", "clean"):
        conclude(intake.submit(enrolled, kind, {"main.py": kind.encode()}, "web"), make_verdict(kind))
    made = [claiming.claim(alice, "milestone", f"tiny/{kind}") for kind in ("ingest", "clean")]
    made += [claiming.claim(alice, "skill", "clean"), claiming.claim(alice, "project", "tiny", Wish(shows_name=True))]
    now = timezone.now()
    Credential.objects.filter(pk=made[0].pk).update(suspended=True)
    Credential.objects.filter(pk=made[1].pk).update(noticed_at=now, revokes_at=now + timedelta(days=14))
    claiming.withdraw(alice, made[2].uuid)
    return made[3]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    scheme: str, width: int, open_page: Callable[..., Page], alice: User, claimed: Credential
) -> None:
    revoked = Credential.objects.get(kind="skill")
    pages = {
        "own": ("/me/credentials/", alice),
        "claim": ("/me/credentials/claim/skill/acquire-data/", alice),
        "skills": ("/me/skills/", alice),
        "start": ("/", alice),
        "mine": (f"/credentials/{claimed.uuid}/", alice),
        "shown": (f"/credentials/{claimed.uuid}/", None),
        "revoked": (f"/credentials/{revoked.uuid}/", None),
        "issuer": ("/issuer/", None),
        "achievement": ("/achievements/project/tiny/1/", None),
        "verify": ("/verify/", None),
    }
    found = {name: look(open_page(path, user, scheme, width), name) for name, (path, user) in pages.items()}
    page = open_page("/verify/", None, scheme, width)
    page.get_by_label("Or its text").fill(json.dumps(claimed.document))
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing speaks against it")
    found["verified"] = look(page, "verified")
    assert found == {name: ([], False) for name in (*pages, "verified")}


def look(page: Page, name: str) -> tuple[list[str], bool]:
    """What axe finds, and whether it scrolls sideways; with a folder to put it in, a picture too."""
    if PICTURES:
        scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
        size = page.viewport_size or {}
        page.screenshot(path=str(Path(PICTURES, f"{name}-{scheme}-{size.get('width')}.png")), full_page=True)
    violations = Axe().run(page, options=RULES).response["violations"]
    is_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.close()
    return [violation["id"] for violation in violations], bool(is_wide)


def test_alice_claims_and_takes_it_home_and_a_stranger_verifies_the_picture(
    open_page: Callable[..., Page], alice: User, claimed: Credential, tmp_path: Path
) -> None:
    page = open_page("/me/credentials/", alice)
    page.get_by_role("link", name="Look at it, and claim Acquire data, level 2").click()
    expect(page.get_by_role("heading", name="Acquire data, level 2 of 5")).to_be_visible()
    page.get_by_label("Put my name into it").check()
    page.get_by_role("button", name="Sign it").click()
    expect(page.get_by_text("Of Alice")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="PNG", exact=True).click()
    kept = tmp_path / "badge.png"
    download.value.save_as(kept)
    stranger = open_page("/verify/")
    stranger.get_by_label("A file").set_input_files(kept)
    stranger.get_by_role("button", name="Verify").click()
    expect(stranger.get_by_text("It says what it said when it was signed, to the letter.")).to_be_visible()
    expect(stranger.get_by_text("Its issuer's list does not have it as revoked.")).to_be_visible()
    kept.write_bytes(b"nothing at all")
    stranger.get_by_label("A file").set_input_files(kept)
    stranger.get_by_role("button", name="Verify").click()
    expect(stranger.get_by_role("heading", name="Not to be relied on as it is")).to_be_visible()
