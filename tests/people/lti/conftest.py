"""Dana's cohort, connected to a course of a platform of the tests' own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.lti.keys import list_published, make_key
from people.lti.models import Platform, SigningKey
from people.lti.registering import Wanted, register
from tests.people.lti import platform as double

LogIn = Callable[[User], Client]


@dataclass
class Course:
    """The platform, its registration here, and a browser that goes between the two."""

    lms: double.Platform
    registration: Platform
    browser: Client = field(default_factory=Client)

    @property
    def address(self) -> str:
        return f"/lti/{self.registration.key}"

    def begin(self) -> dict[str, str]:
        """What the tool asks of the platform, once somebody has clicked the link in the course."""
        told = {"iss": self.lms.issuer, "login_hint": "7", "client_id": double.CLIENT, "target_link_uri": "x"}
        sent_on = self.browser.post(f"{self.address}/login/", told)["Location"]
        assert sent_on.startswith(f"{self.lms.address}/auth?")
        return {name: values[0] for name, values in parse_qs(urlsplit(sent_on).query).items()}

    def post(self, state: str | None, token: str) -> HttpResponseBase:
        given = {"id_token": token} if state is None else {"id_token": token, "state": state}
        return Client().post(f"{self.address}/launch/", given)

    def launch(self, **changed: Any) -> HttpResponseBase:
        asked = self.begin()
        return self.post(asked["state"], self.lms.sign(self.lms.claim(asked["nonce"], **changed)))

    def bind(self) -> None:
        Platform.objects.update(context_id=double.COURSE)

    def open(self, **changed: Any) -> HttpResponseBase:
        """Launch, and open the ticket in a tab of the browser."""
        return self.browser.get(self.launch(**changed).context["ticket_url"])

    def come_in(self, **changed: Any) -> User:
        """Launch as somebody new, and go on with a new account."""
        self.open(**changed)
        self.browser.post("/lti/arrive/", {"new": "1"})
        return User.objects.get(pk=self.browser.session["_auth_user_id"])


@pytest.fixture
def lms(settings: Any, client: Client) -> Iterator[double.Platform]:
    settings.LTI_PRIVATE_HOSTS = ["127.0.0.1"]
    with double.serve() as platform:
        yield platform


@pytest.fixture
def autumn(dana: User, tiny: Project) -> Cohort:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    Membership.objects.create(cohort=cohort, user=dana, role=Role.OWNER)
    return cohort


def describe(lms: double.Platform) -> dict[str, str]:
    """What an owner types in."""
    return {
        "site_url": lms.address,
        "issuer": lms.issuer,
        "client_id": double.CLIENT,
        "deployment_id": double.DEPLOYMENT,
        "auth_url": f"{lms.address}/auth",
        "token_url": f"{lms.address}/token",
        "jwks_url": f"{lms.address}/jwks",
    }


@cache
def make_first_key() -> dict[str, str]:
    """Finding its primes takes longer than most tests."""
    made = make_key()
    made.delete()
    return {"kid": made.kid, "public": made.public, "sealed": made.sealed}


@pytest.fixture
def course(lms: double.Platform, autumn: Cohort, dana: User, rings: list[object]) -> Course:
    """Registered by Dana, and bound to its course. No request is made: a browser's loop may run in this thread."""
    leader = Membership.objects.get(user=dana, cohort=autumn)
    made = Course(lms, register(leader, Wanted(**describe(lms)), instructors_lead=False))
    made.bind()
    SigningKey.objects.create(**make_first_key(), made_at=timezone.now())
    keys = [dict(key) for key in list_published()]
    lms.find_tool_keys = lambda: keys
    return made
