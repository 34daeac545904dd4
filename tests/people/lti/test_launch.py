"""Coming in from a learning platform: once, with a good token, without a cookie, and by one's own word."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from jwcrypto.jwk import JWK

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership, Role
from people.lti.models import Identity, Launch, Platform, SyncLine
from tests.people.lti.conftest import Course
from tests.people.lti.platform import COURSE, INSTRUCTOR

LogIn = Callable[[User], Client]


def read_page(course: Course, address: str) -> str:
    """What the page's own part says, without its tags."""
    shown = course.browser.get(address).content.decode().partition("<main")[2].partition("</main")[0]
    return " ".join(strip_tags(f"<main{shown}").split())


def test_a_learner_comes_in_without_a_cookie_and_is_led_to_the_milestone(course: Course, autumn: Cohort) -> None:
    answer = course.launch()
    assert answer.status_code == 200
    assert not answer.cookies, "a frame keeps none"
    assert "You come in as Alice Example." in answer.content.decode()
    tab = Client()
    assert tab.get(answer.context["ticket_url"])["Location"] == "/lti/arrive/"
    assert "what you hand in" in tab.get("/lti/arrive/").content.decode()
    assert not Membership.objects.filter(role=Role.LEARNER).exists(), "nobody becomes a learner unasked"
    assert tab.post("/lti/arrive/", {"new": "1"})["Location"] == "/projects/tiny/milestones/ingest/"
    user = Membership.objects.get(cohort=autumn, role=Role.LEARNER).user
    assert user.username.startswith("alice-example-")
    assert (user.email, user.has_usable_password(), str(user)) == ("", False, "Alice Example")
    assert tab.get("/projects/tiny/milestones/ingest/").status_code == 200
    assert CohortLine.objects.filter(verb="joined", learner=user).count() == 1


def test_whoever_came_before_goes_straight_on_as_the_same_person(course: Course) -> None:
    user = course.come_in()
    course.browser = Client()
    assert course.open()["Location"] == "/projects/tiny/milestones/ingest/"
    assert course.browser.session["_auth_user_id"] == str(user.pk)
    assert User.objects.filter(username__startswith="alice").count() == 1


def test_the_frame_is_the_platforms_alone_and_all_else_is_framed_by_nobody(course: Course) -> None:
    answer = course.launch()
    assert f"frame-ancestors {course.lms.address};" in answer["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in answer
    landed = course.browser.get(answer.context["ticket_url"], follow=True)
    assert "frame-ancestors 'none'" in landed["Content-Security-Policy"]
    assert landed["X-Frame-Options"] == "DENY"


FORGERIES = {
    "of another audience": {"aud": "another-tool"},
    "for several tools, and asked for by another": {"aud": ["tool-7", "another"], "azp": "another"},
    "with another nonce": {"nonce": "made-up"},
    "without a nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 60},
    "without an end": {"exp": None},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "of another deployment": {"deployment_id": "deployment-2"},
    "of another version": {"version": "1.1"},
    "of nobody": {"sub": None},
    "of somebody without end": {"sub": "x" * 300},
    "of somebody whom no database keeps": {"sub": "a\0b"},
    "of another kind": {"message_type": "LtiSubmissionReviewRequest"},
    "whose audience is none": {"aud": {"a": 1}},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_token_is_refused(course: Course, name: str) -> None:
    answer = course.launch(**FORGERIES[name])
    assert answer.status_code == 400
    assert "could not be accepted" in answer.content.decode()
    assert not Identity.objects.exists()
    assert SyncLine.objects.get(outcome="refused").text, "who leads reads why"


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _write(course: Course, nonce: str, algorithm: str) -> str:
    """Head and body of a token."""
    parts = ({"alg": algorithm, "kid": "theirs"}, course.lms.claim(nonce))
    return ".".join(_encode(json.dumps(part).encode()) for part in parts)


def _sign_none(course: Course, nonce: str) -> str:
    return _write(course, nonce, "none") + "."


def _sign_with_their_public_key(course: Course, nonce: str) -> str:
    """The old confusion: the public key taken for a shared secret."""
    text = _write(course, nonce, "HS256")
    return f"{text}.{_encode(hmac.digest(course.lms.key.export_to_pem(), text.encode(), 'sha256'))}"


SIGNATURES: dict[str, Callable[[Course, str], str]] = {
    "none": _sign_none,
    "another key under their name": lambda course, nonce: course.lms.sign(
        course.lms.claim(nonce), JWK.generate(kty="RSA", size=2048)
    ),
    "a key that they do not publish": lambda course, nonce: course.lms.sign(course.lms.claim(nonce), kid="unknown"),
    "their public key as a secret": _sign_with_their_public_key,
    "no token": lambda course, nonce: "not.a-token",
    "a token that is a list": lambda course, nonce: "W10.W10.W10",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_is_refused(course: Course, name: str) -> None:
    asked = course.begin()
    assert course.post(asked["state"], SIGNATURES[name](course, asked["nonce"])).status_code == 400
    assert not Identity.objects.exists()


def test_a_good_token_is_taken_once_and_only_with_its_own_fresh_state(course: Course) -> None:
    asked, other = course.begin(), course.begin()
    token = course.lms.sign(course.lms.claim(asked["nonce"]))
    assert course.post(None, token).status_code == 400
    assert course.post("state-made-up", token).status_code == 400
    assert course.post(other["state"], token).status_code == 400
    assert course.post(asked["state"], token).status_code == 200
    assert course.post(asked["state"], token).status_code == 400, "a replay"
    late = course.begin()
    Launch.objects.filter(state=late["state"]).update(begun_at=timezone.now() - timedelta(minutes=11))
    assert course.post(late["state"], course.lms.sign(course.lms.claim(late["nonce"]))).status_code == 400


def test_a_ticket_opens_once_and_soon(course: Course) -> None:
    ticket = course.launch().context["ticket_url"]
    assert Client().head(ticket).status_code == 405, "what only looks at links does not use it up"
    assert Client().get(ticket).status_code == 302
    assert Client().get(ticket).status_code == 410
    late = course.launch().context["ticket_url"]
    Launch.objects.update(received_at=timezone.now() - timedelta(minutes=6))
    assert "once more" in Client().get(late).content.decode()
    assert Client().get("/lti/arrive/").status_code == 410
    assert not Identity.objects.exclude(user=None).exists()


def test_nobody_gets_an_account_by_its_address_or_its_name(course: Course, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org", first_name="Alice", last_name="Example")
    assert course.come_in() != alice


def test_an_account_is_joined_by_whoever_is_signed_in_to_it_and_says_so(
    course: Course, alice: User, log_in: LogIn
) -> None:
    course.browser = log_in(alice)
    assert course.open()["Location"] == "/lti/arrive/"
    assert "Go on with your account, Alice" in read_page(course, "/lti/arrive/")
    assert not Identity.objects.exclude(user=None).exists(), "not by being there"
    course.browser.post("/lti/arrive/", {"mine": "1"})
    assert Identity.objects.get().user == alice
    course.browser = Client()
    course.open()
    assert course.browser.session["_auth_user_id"] == str(alice.pk)


def test_whoever_joined_an_account_parts_it_again_unless_it_could_not_be_entered_then(
    course: Course, alice: User, log_in: LogIn
) -> None:
    user = course.come_in()
    identity = Identity.objects.get()
    told = course.browser.post(f"/me/platforms/{identity.pk}/part/", follow=True).content.decode()
    assert "Set a password first" in told
    assert Identity.objects.get().user == user
    log_in(alice).post(f"/me/platforms/{identity.pk}/part/")
    assert Identity.objects.get().user == user, "it is not hers"
    user.set_password("a long password")
    user.save()
    course.browser = log_in(user)
    assert "Learning platforms" in course.browser.get("/me/").content.decode()
    course.browser.post(f"/me/platforms/{identity.pk}/part/")
    assert Identity.objects.get().user is None
    assert course.open()["Location"] == "/lti/arrive/"


def test_a_second_person_of_the_course_cannot_take_the_same_account(course: Course, alice: User, log_in: LogIn) -> None:
    course.browser = log_in(alice)
    course.open()
    course.browser.post("/lti/arrive/", {"mine": "1"})
    course.open(sub="person-2")
    assert course.browser.post("/lti/arrive/", {"mine": "1"}).status_code == 409
    assert Identity.objects.get(sub="person-2").user is None


def test_whoever_is_signed_in_as_somebody_else_is_asked_first(course: Course, bob: User, log_in: LogIn) -> None:
    user = course.come_in()
    course.browser = log_in(bob)
    assert course.open()["Location"] == "/lti/arrive/"
    assert "You are signed in as Bob" in read_page(course, "/lti/arrive/")
    assert course.browser.session["_auth_user_id"] == str(bob.pk)
    course.browser.post("/lti/arrive/", {"known": "1"})
    assert course.browser.session["_auth_user_id"] == str(user.pk)


def test_an_administrators_account_is_never_entered_from_a_platform(course: Course, alice: User, log_in: LogIn) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    course.browser = log_in(alice)
    course.open()
    assert course.browser.post("/lti/arrive/", {"mine": "1"}).status_code == 403
    assert Identity.objects.get().user is None


def test_an_instructor_leads_only_where_the_registration_says_so(course: Course, autumn: Cohort) -> None:
    user = course.come_in(sub="teacher", roles=[INSTRUCTOR])
    assert not autumn.memberships.filter(user=user).exists()
    Platform.objects.update(instructors_lead=True)
    course.browser = Client()
    course.open(sub="teacher", roles=[INSTRUCTOR])
    course.browser.post("/lti/arrive/", {"known": "1"})
    assert autumn.memberships.get(user=user).role == Role.INSTRUCTOR


def test_a_registration_is_bound_to_the_course_of_an_instructors_first_launch(course: Course) -> None:
    Platform.objects.update(context_id="")
    assert "not connected yet" in course.launch().content.decode()
    assert course.launch(roles=[INSTRUCTOR]).status_code == 200
    assert Platform.objects.get().context_id == COURSE
    other = course.launch(context={"id": "course-43"})
    assert (other.status_code, "another course" in other.content.decode()) == (403, True)


def test_what_no_database_keeps_of_a_message_is_left_out(course: Course) -> None:
    course.come_in(name="Alice\0 Example", resource_link={"id": "link-1\0"})
    assert Identity.objects.get().name == "Alice Example"
    assert Launch.objects.get().placement.link == "link-1"


def test_a_link_to_what_the_cohort_does_not_have_says_so(course: Course) -> None:
    answer = course.launch(custom={"milestone": "tiny/paint"})
    assert answer.status_code == 404
    assert "does not have" in answer.content.decode()


def test_a_login_for_another_tool_is_refused(course: Course) -> None:
    told = {"iss": course.lms.issuer, "login_hint": "7", "client_id": "another"}
    assert Client().get(f"{course.address}/login/", told).status_code == 400
    assert Client().get(f"{course.address}/login/").status_code == 400


def test_nobody_comes_in_by_what_was_withdrawn(course: Course) -> None:
    ticket = course.launch().context["ticket_url"]
    Platform.objects.update(withdrawn_at=timezone.now())
    assert Client().get(ticket).status_code == 410
    assert Client().get(f"{course.address}/login/").status_code == 404


def test_an_archived_cohort_takes_in_whoever_is_there_already_and_nobody_else(course: Course, autumn: Cohort) -> None:
    user = course.come_in()
    Cohort.objects.update(archived_at=timezone.now())
    assert course.open().status_code == 302
    course.browser = Client()
    course.open(sub="person-2")
    refused = course.browser.post("/lti/arrive/", {"new": "1"})
    assert (refused.status_code, "is archived" in refused.content.decode()) == (410, True)
    assert list(Membership.objects.filter(role=Role.LEARNER)) == [Membership.objects.get(user=user)]
