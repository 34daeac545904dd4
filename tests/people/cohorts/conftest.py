"""Cohorts of Dana's: one in which Alice and Bob learn, and one with dates; Charlie and Erin are nobody in both."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.invitations import invite, sign
from people.cohorts.models import Cohort, Invitation, Membership, Role, Timing
from tests.people.learners.conftest import api, clone, enrolled, hand_in

__all__ = ["api", "clone", "enrolled", "hand_in"]

DUE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LogIn = Callable[[User], Client]


@pytest.fixture
def autumn(alice: User, bob: User, dana: User, tiny: Project) -> Cohort:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.OWNER)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    return cohort


@pytest.fixture
def owner(autumn: Cohort, dana: User) -> Membership:
    return Membership.objects.select_related("cohort", "user").get(cohort=autumn, user=dana)


@pytest.fixture
def invitation(owner: Membership) -> Invitation:
    """Dana's link for two."""
    return invite(owner, timezone.now() + timedelta(days=7), 2)


@pytest.fixture
def link(invitation: Invitation) -> str:
    return f"/join/{sign(invitation)}/"


@pytest.fixture
def confirm() -> Callable[[User, str], None]:
    """Play somebody who confirms that an address is theirs."""
    return lambda user, email: EmailAddress.objects.create(user=user, email=email, verified=True) and None


@pytest.fixture
def upload(log_in: LogIn, dana: User, autumn: Cohort) -> Callable[..., HttpResponse]:
    """Dana uploads this text, or these bytes, as a roster of autumn, by the API; a plan or a problem comes back."""

    def send(content: str | bytes, as_user: User = dana) -> Any:
        content = content.encode() if isinstance(content, str) else content
        return log_in(as_user).post(
            "/api/cohorts/autumn/roster", {"roster": SimpleUploadedFile("roster.csv", content or b" ")}
        )

    return send


@pytest.fixture
def apply(log_in: LogIn, dana: User, upload: Callable[..., Any]) -> Callable[[str | bytes], dict[str, Any]]:
    """Dana uploads it and applies it; tells what was done."""

    def do(content: str | bytes) -> dict[str, Any]:
        assert upload(content).status_code == 200
        answer = log_in(dana).post("/api/cohorts/autumn/roster/apply")
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        return told

    return do


@pytest.fixture
def cohort(tiny: Project, dana: User) -> Cohort:
    """Dana's cohort in tiny: ingest opens, is due and closes; clean is due eight days after it."""
    made = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    Membership.objects.create(cohort=made, user=dana, role=Role.OWNER)
    timing = {"opens_at": DUE - 4 * DAY, "due_at": DUE, "closes_at": DUE + 4 * DAY}
    Timing.objects.create(cohort=made, slug="tiny", kind="ingest", **timing)
    Timing.objects.create(cohort=made, slug="tiny", kind="clean", due_at=DUE + 8 * DAY)
    return made
