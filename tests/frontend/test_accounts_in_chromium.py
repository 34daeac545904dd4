"""Looking after an account in a real browser: tokens, the second factor, and how each of its pages looks."""

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from people.accounts.models import User
from tests.frontend.conftest import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [("light", 1280), ("dark", 390)]
OpenPage = Callable[..., Page]


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_second_factor_from_the_account_page_to_the_next_sign_in(open_page: OpenPage, alice: User) -> None:
    page = open_page("/me/", alice)
    page.get_by_role("link", name="Second factor").click()
    look(page, "off", LOOKS)
    page.get_by_role("link", name="Set it up").click()
    look(page, "is-it-you", LOOKS)
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Go on").click()
    look(page, "set-up", LOOKS)
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
    look(page, "codes", LOOKS)
    page.get_by_role("link", name="Second factor").click()
    look(page, "on", LOOKS)
    page.get_by_role("link", name="Make new ones").click()
    look(page, "new-codes", LOOKS)
    page.get_by_role("link", name="Keep these").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(page.url.split("/accounts")[0] + "/accounts/login/")
    page.get_by_label("Username or e-mail").fill("alice")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()
    look(page, "code", LOOKS)
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="alice").click()
    page.get_by_role("link", name="Second factor").click()
    expect(page.get_by_text("You have 9 recovery codes left.")).to_be_visible()
    page.get_by_role("link", name="Switch it off").click()
    look(page, "is-it-you-by-code", LOOKS)
    page.get_by_label("Code").fill(recovery[1])
    page.get_by_role("button", name="Go on").click()
    look(page, "switch-off", LOOKS)
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text("It is off.")).to_be_visible()


def test_a_token_says_what_it_is_for(open_page: OpenPage, alice: User) -> None:
    page = open_page("/me/", alice)
    page.get_by_label("What is it for?").fill("my laptop")
    page.get_by_label("lead cohorts").check()
    page.get_by_label("For how long?").select_option("30 days")
    look(page, "account", LOOKS)
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("cell", name="read, submit, lead")).to_be_visible()
    look(page, "token", LOOKS)


def test_the_pages_of_the_library_look_like_ours(open_page: OpenPage, alice: User) -> None:
    for path in ("email/", "password/change/", "inactive/", "confirm-email/"):
        look(open_page(f"/accounts/{path}", alice), path.strip("/").replace("/", "-"), LOOKS)
    page = open_page("/accounts/login/")
    for _time in range(7):
        page.get_by_label("Username or e-mail").fill("alice")
        page.get_by_label("Password").fill("a wrong password")
        page.get_by_role("button", name="Sign in").click()
        if page.get_by_text("That was too often.").count():
            break
    look(page, "too-often", LOOKS)
    expect(page.get_by_text("we wait 5 minutes")).to_be_visible()


def test_an_account_is_closed_for_good(open_page: OpenPage, alice: User) -> None:
    page = open_page("/me/", alice)
    page.get_by_role("link", name="Close your account").click()
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Close it for good").click()
    expect(page.get_by_text("Choose one of the two.")).to_be_visible()
    look(page, "close", LOOKS)
    page.get_by_label("Let it stay, under a number and without my name").check()
    page.get_by_label("Your user name").fill("alice")
    page.get_by_role("button", name="Close it for good").click()
    expect(page.get_by_text("Your account is closed.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert not User.objects.filter(username="alice").exists()
