"""An owner adds a webhook, sees its secret once, sends a test, and reads what came of it; in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook as Verifier

from people.accounts.models import User
from people.employers import hooks, tasks
from people.employers.models import Attempt, Delivery, Employer, Event, Post, Webhook
from tests.frontend.conftest import look
from tests.people.employers.receiver import Receiver
from tests.people.employers.test_hooks import ats, northwind

__all__ = ["ats", "northwind"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
OpenPage = Callable[..., Page]


def test_an_owner_adds_tries_and_reads_a_webhook(
    open_page: OpenPage, erin: User, northwind: Employer, ats: Receiver
) -> None:
    page = open_page("/employers/northwind/", erin)
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("textbox", name="Address").fill("https://10.0.0.7/ats")
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_text("it must begin with https:// and be on a public host")).to_be_visible()
    expect(page.get_by_role("textbox", name="Address")).to_have_value("https://10.0.0.7/ats")
    look(page, "refused", LOOKS)
    page.get_by_role("textbox", name="Address").fill(ats.address)
    page.get_by_role("button", name="Add the webhook").click()
    secret = page.locator("code", has_text="whsec_").inner_text()
    look(page, "secret", LOOKS)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("A test is on its way")).to_be_visible()
    expect(page.get_by_text("whsec_")).to_have_count(0)
    tasks.tell()
    page.reload()
    page.locator("summary", has_text="webhook.test").click()
    expect(page.get_by_text("Taken.")).to_be_visible()
    assert Verifier(secret).verify(ats.got[0][1], ats.got[0][0])["type"] == "webhook.test"
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It is sent once more.")).to_be_visible()
    tasks.tell()
    assert [headers["webhook-id"] for headers, _ in ats.got] == [ats.got[0][0]["webhook-id"]] * 2


def test_the_log_shows_each_try_and_what_cannot_be_done_is_said(
    open_page: OpenPage, erin: User, northwind: Employer, ats: Receiver
) -> None:
    hook, _ = hooks.add(Post.objects.get(), ats.address, Event.values)
    data = {"candidate": 7, "address": hooks.address_of("/employers/northwind/candidates/7/")}
    ats.answers = [204, 503]
    for event in (Event.KEPT, Event.FINISHED, Event.ENDED):
        hooks.announce(northwind, event, data)
    tasks.tell()
    Attempt.objects.create(delivery=Delivery.objects.get(event=Event.ENDED))
    page = open_page(f"/employers/northwind/webhooks/{hook.pk}/", erin)
    for one in page.locator("summary").all():
        one.click()
    expect(page.get_by_text("Answered 503. Try 1 of 8.")).to_be_visible()
    expect(page.get_by_text("Begun, and not known to have ended.")).to_be_visible()
    look(page, "log", LOOKS)
    page.get_by_label("Show").select_option("Waiting")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("summary")).to_have_count(1)
    page.get_by_role("button", name="Pause it").click()
    expect(page.get_by_text("Nothing is sent; what happens meanwhile waits.")).to_be_visible()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("This webhook is paused.")).to_be_visible()
    look(page, "paused", LOOKS)
    page.get_by_role("button", name="Let it go on").click()
    page.get_by_role("button", name="Make another secret").click()
    expect(page.get_by_text("For one day the secret before it signs as well")).to_be_visible()
    page.get_by_label("A candidate began an assessment").uncheck()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    assert Event.BEGUN not in Webhook.objects.get().events
    page.goto(page.url.replace(f"{hook.pk}/", ""))
    look(page, "list", LOOKS)
    page.get_by_role("link", name=ats.address).click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("There is none yet.")).to_be_visible()
