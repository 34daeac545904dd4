"""The API to read: every operation of the schema is on a page of ours, in each light and at each width."""

from collections.abc import Callable

import pytest
from drf_spectacular.generators import SchemaGenerator
from playwright.sync_api import Page, expect

from people.accounts.models import User
from tests.frontend.conftest import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = (("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390))


def test_who_has_an_account_finds_the_api_and_what_it_takes(alice: User, open_page: Callable[..., Page]) -> None:
    page = open_page("/me/", alice)
    page.get_by_role("link", name="What programs can ask for").click()
    expect(page.get_by_role("heading", level=1, name="The API")).to_be_visible()
    look(page, "api", LOOKS)
    page.get_by_role("link", name="POST /api/projects/{slug}/milestones/{kind}/submissions").click()
    handing_in = page.get_by_role("region", name="Sent with POST /api/projects/{slug}/milestones/{kind}/submissions")
    expect(handing_in.get_by_text("tree", exact=True)).to_be_visible()
    look(page, "api-projects", LOOKS)
    # All of it is ours: nothing was asked of another host, and nothing on the page runs.
    origin = page.evaluate("location.origin")
    asked = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert all(one.startswith(origin) for one in asked)
    page.goto(f"{origin}/api/docs/nowhere")
    assert "There is nothing at this address." in page.content()


def test_every_operation_stands_on_a_page(open_page: Callable[..., Page]) -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    page = open_page("/api/docs")
    listed = page.locator(".operations .address code").all_inner_texts()
    assert sorted(listed) == sorted(f"{method.upper()} {path}" for path, told in paths.items() for method in told)
    origin = page.evaluate("location.origin")
    parts = page.locator("h2 a[href^='/api/docs/']").evaluate_all("links => links.map(one => one.pathname)")
    told = []
    for part in parts:
        page.goto(origin + part)
        told += page.locator(".operation h2").all_inner_texts()
    assert sorted(told) == sorted(listed)
