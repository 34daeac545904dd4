"""Looking after an account in a real browser: tokens, the second factor, and how each of its pages looks."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from people.accounts.models import User
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("ACCOUNT_PICTURES", "")
LOOKS = [("light", 1280), ("dark", 390)]
OpenPage = Callable[..., Page]


def look(page: Page, name: str) -> None:
    """Axe has nothing to say, the page is no wider than the window, in both schemes and on a phone."""
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=RULES)
        assert not found.response["violations"], (name, scheme, width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_second_factor_from_the_account_page_to_the_next_sign_in(open_page: OpenPage, alice: User) -> None:
    page = open_page("/me/", alice)
    page.get_by_role("link", name="Second factor").click()
    look(page, "off")
    page.get_by_role("link", name="Set it up").click()
    look(page, "is-it-you")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Go on").click()
    look(page, "set-up")
    # A policy that forbade the picture would have left it without a size of its own.
    assert page.locator("img.qr").evaluate("picture => picture.complete && picture.naturalWidth") > 0
    secret = page.locator("code").inner_text()
    page.get_by_label("code").fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    page.get_by_label("code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    recovery = page.locator("pre code").inner_text().split()
    assert len(recovery) == 10
    look(page, "codes")
    page.get_by_role("link", name="Second factor").click()
    look(page, "on")
    page.get_by_role("link", name="Make new ones").click()
    look(page, "new-codes")
    page.get_by_role("link", name="Keep these").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(page.url.split("/accounts")[0] + "/accounts/login/")
    page.get_by_label("Username or e-mail").fill("alice")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()
    look(page, "code")
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="alice").click()
    page.get_by_role("link", name="Second factor").click()
    expect(page.get_by_text("You have 9 recovery codes left.")).to_be_visible()
    page.get_by_role("link", name="Switch it off").click()
    look(page, "is-it-you-by-code")
    page.get_by_label("Code").fill(recovery[1])
    page.get_by_role("button", name="Go on").click()
    look(page, "switch-off")
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text("It is off.")).to_be_visible()


def test_a_token_says_what_it_is_for(open_page: OpenPage, alice: User) -> None:
    page = open_page("/me/", alice)
    page.get_by_label("What is it for?").fill("my laptop")
    page.get_by_label("lead cohorts").check()
    page.get_by_label("For how long?").select_option("30 days")
    look(page, "account")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("cell", name="read, submit, lead")).to_be_visible()
    look(page, "token")


def test_the_pages_of_the_library_look_like_ours(open_page: OpenPage, alice: User) -> None:
    for path in ("email/", "password/change/", "inactive/", "confirm-email/"):
        look(open_page(f"/accounts/{path}", alice), path.strip("/").replace("/", "-"))
    page = open_page("/accounts/login/")
    for _time in range(7):
        page.get_by_label("Username or e-mail").fill("alice")
        page.get_by_label("Password").fill("a wrong password")
        page.get_by_role("button", name="Sign in").click()
        if page.get_by_text("That was too often.").count():
            break
    look(page, "too-often")
    expect(page.get_by_text("we wait 5 minutes")).to_be_visible()
