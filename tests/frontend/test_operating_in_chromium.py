"""The operators' page in a real browser: readable in each theme and width, and it looks again by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from people.accounts.models import User
from people.operators.letters import note_letter
from people.operators.models import DeadLetter, Pulse, WorkerReport
from tests.frontend.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LAYERS = [{"name": "no network", "enforced": False, "by": "", "needed": "weak"}]
ROOMS = {"disk_free": 60, "disk_total": 100, "memory_free": 4, "memory_total": 8}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_olga_sees_what_is_wrong_deals_with_it_and_the_page_follows(
    open_page: Callable[..., Page], make_user: Callable[[str], User], scheme: str, width: int
) -> None:
    olga, now = make_user("olga"), timezone.now()
    User.objects.filter(pk=olga.pk).update(is_staff=True)
    told = {"host": "one", "pid": 7, "slots": 2, "required": "strict", "tier": "none", "layers": LAYERS}
    WorkerReport.objects.create(name="celery@one", started_at=now, seen_at=now + timedelta(hours=1), **told, **ROOMS)
    Pulse.objects.create(name="beat", host="one", at=now + timedelta(hours=1))
    note_letter("some.task", [5], DeadLetter.Fault.RAISED, "boom")
    page = open_page("/operating/", olga, scheme, width)
    expect(page.locator("#sentence")).to_have_text("celery@one grades nothing. Not enforced on its host: no network.")
    found = Axe().run(page, options=RULES).response["violations"]
    assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in found]
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Dismissed.")).to_be_visible()
    WorkerReport.objects.update(layers=[])
    expect(page.locator("#sentence")).to_have_text("All is well.", timeout=20_000)
