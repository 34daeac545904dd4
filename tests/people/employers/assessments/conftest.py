"""Erin recruits for Northwind and assesses Alice and Bob in tiny; Charlie is nobody there, and Dana leads Alice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.employers import tasks
from people.employers.assessing import Asked, create
from people.employers.inviting import invite, sign
from people.employers.models import Assessment, Employer, Invite, Post
from people.learners import intake, queries
from people.learners.models import Run, Share
from tests.people.learners.conftest import api, clone, hand_in

__all__ = ["api", "clone", "hand_in"]

LogIn = Callable[[User], Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Instead of ringing for a worker, the assessments whose work would have been compared."""
    heard: list[int] = []
    monkeypatch.setattr(tasks.compare_assessed, "delay", heard.append)
    return heard


@pytest.fixture
def erins_post(erin: User) -> Post:
    northwind = Employer.objects.create(slug="northwind", title="Northwind Payments")
    return Post.objects.create(employer=northwind, user=erin, role="recruiter")


@pytest.fixture
def make_assessment(erins_post: Post, tiny: Project, rings: list[object], compared: list[int]) -> Callable[..., Any]:
    def make(**other: Any) -> Assessment:
        now = timezone.now()
        asked: dict[str, Any] = {"title": "Numbers", "project": "tiny", "kinds": ["ingest"], "domain": "plain"}
        asked |= {"minutes": 60, "opens_at": now - HOUR, "closes_at": now + 48 * HOUR, "notes": "Take your time."}
        return create(erins_post, Asked(**(asked | other)))

    return make


@pytest.fixture
def assessment(make_assessment: Callable[..., Assessment]) -> Assessment:
    """Ingest of tiny, in an hour."""
    return make_assessment()


@pytest.fixture
def invite_to(erins_post: Post) -> Callable[..., tuple[Invite, str]]:
    """A link to an assessment, and the path of its page."""

    def make(assessment: Assessment, label: str = "Alice") -> tuple[Invite, str]:
        made = invite(erins_post, assessment, label, timezone.now() + 24 * HOUR)
        return made, f"/assessments/{sign(made)}/"

    return make


@pytest.fixture
def begin(
    assessment: Assessment, invite_to: Callable[..., tuple[Invite, str]], log_in: LogIn
) -> Callable[[User], Invite]:
    """Play a candidate who opens a link of their own and begins."""

    def play(user: User) -> Invite:
        made, link = invite_to(assessment, user.username)
        assert log_in(user).post(link).url == "/projects/tiny/"
        made.refresh_from_db()
        return made

    return play


@pytest.fixture
def run_out() -> Callable[..., None]:
    """Let a box have ended so long ago, and nobody have noticed yet."""

    def play(invite: Invite, minutes: int = 1) -> None:
        Invite.objects.filter(pk=invite.pk).update(
            begun_at=F("begun_at") - 2 * HOUR, ends_at=timezone.now() - timedelta(minutes=minutes)
        )
        until = timezone.now() + timedelta(minutes=15 - minutes)
        Share.objects.filter(enrolment=invite.enrolment_id).update(until=until)
        invite.refresh_from_db()

    return play


@pytest.fixture
def work(conclude: Callable[[Run, Verdict], None]) -> Callable[..., Run]:
    """Hand in as this learner's enrolment is now, and play the worker if there is a verdict."""

    def play(user: User, verdict: Verdict | None = None, text: str = "print(5)\n", kind: str = "ingest") -> Run:
        files = {"pipeline/__init__.py": b"", "pipeline/ingest.py": text.encode()}
        run = intake.submit(queries.access_enrolment(user, "tiny"), kind, files, "test")
        if verdict:
            conclude(run, verdict)
        return run

    return play
