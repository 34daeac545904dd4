"""A launch in a real browser: in a frame of another site, without a cookie of ours, and on in a tab of its own."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from people.accounts.models import User
from people.cohorts.models import Membership, Role
from people.lti.models import Platform, SyncLine
from tests.frontend.conftest import browser, look  # noqa: F401 - a fixture
from tests.people.lti.conftest import Course
from tests.people.lti.platform import CLIENT, INSTRUCTOR

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)]


@pytest.fixture
def tab(browser: Browser, live_server: object) -> Iterator[BrowserContext]:  # noqa: F811
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


def open_course(tab: BrowserContext, course: Course, server: object) -> tuple[Page, Frame]:
    told = {"iss": course.lms.issuer, "login_hint": "7", "client_id": CLIENT, "target_link_uri": "x"}
    page = tab.new_page()
    page.goto(f"{course.lms.address}/course?{server}{course.address}/login/?{urlencode(told)}")
    page.frame_locator("iframe").get_by_role("heading", level=1).wait_for()
    return page, page.frames[1]


def test_a_learner_comes_in_from_a_frame_and_works_in_a_tab_of_their_own(
    tab: BrowserContext, course: Course, live_server: object
) -> None:
    _page, frame = open_course(tab, course, live_server)
    expect(frame.get_by_text("You come in as Alice Example.")).to_be_visible()
    assert not [one for one in tab.cookies() if one["name"] == "sessionid"]
    with tab.expect_page() as opened:
        frame.get_by_role("link", name="Open Milepost").click()
    own = opened.value
    expect(own.get_by_role("heading", name="Autumn")).to_be_visible()
    look(own, "arrive", LOOKS)
    own.get_by_role("button", name="Begin with a new account").click()
    own.wait_for_url("**/projects/tiny/milestones/ingest/")
    assert Membership.objects.get(role=Role.LEARNER).user.first_name == "Alice Example"


def ask_for_links(course: Course) -> None:
    settings = {
        "deep_link_return_url": f"{course.lms.address}/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    }
    claim = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
    course.lms.says = {"roles": [INSTRUCTOR], "message_type": "LtiDeepLinkingRequest", claim: settings}


def test_an_instructor_sends_a_link_back_from_the_frame(
    tab: BrowserContext, course: Course, live_server: object
) -> None:
    ask_for_links(course)
    _page, frame = open_course(tab, course, live_server)
    frame.get_by_role("button", name="Drop the doubles").click()
    frame.wait_for_url("**/return")
    assert "/return" in course.lms.asked


def test_no_other_site_frames_it(tab: BrowserContext, course: Course, live_server: object) -> None:
    Platform.objects.update(site_url="https://learn.example.org")
    told = {"iss": course.lms.issuer, "login_hint": "7", "client_id": CLIENT, "target_link_uri": "x"}
    page, complaints = tab.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{course.lms.address}/course?{live_server}{course.address}/login/?{urlencode(told)}")
    page.wait_for_timeout(1000)
    assert any("frame-ancestors https://learn.example.org" in text for text in complaints)


def test_what_is_shown_can_be_used_by_everybody(
    tab: BrowserContext, course: Course, live_server: object, dana: User, log_in: Callable[[User], Client]
) -> None:
    own = tab.new_page()
    own.goto(f"{live_server}/")
    for name, says in (("launch", {}), ("refused", {"aud": "another"}), ("links", None)):
        course.lms.says = says or {}
        if says is None:
            ask_for_links(course)
        page, frame = open_course(tab, course, live_server)
        own.set_content(frame.content())
        look(own, name, LOOKS)
        page.close()
    person = course.registration.identities.get()
    text = "100.00 of 100, Completed, FullyGraded. The platform answered 503. Try 1 of 8."
    told = {"platform": course.registration, "what": "score", "outcome": "later", "place": "tiny/ingest", "text": text}
    SyncLine.objects.create(identity=person, **told)
    cookie = log_in(dana).cookies["sessionid"].value
    tab.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
    own.goto(f"{live_server}/cohorts/autumn/lms/")
    look(own, "lms", LOOKS)
