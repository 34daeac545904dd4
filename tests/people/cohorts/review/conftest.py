"""Alice and Bob learn in Dana's cohort; Paula assists in it, Otto observes; Frank leads another."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts.models import Cohort, Membership, Role
from people.learners import intake
from people.learners.models import Enrolment, Run, Submission

STARTED = b"import json\n\nfor line in open('numbers.txt'):\n    print(line)\n"


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    """A program with a token of this user."""

    def with_token(user: User) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user, 'test')}")
        return client

    return with_token


@pytest.fixture
def led(
    alice: User, bob: User, dana: User, make_user: Callable[[str], User], tiny: Project, rings: list[object]
) -> Cohort:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    parts = [(alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.INSTRUCTOR)]
    parts += [(make_user("paula"), Role.ASSISTANT), (make_user("otto"), Role.OBSERVER)]
    for user, role in parts:
        Membership.objects.create(cohort=cohort, user=user, role=role)
    other = Cohort.objects.create(slug="spring", title="Spring", project_slugs=["tiny"])
    Membership.objects.create(cohort=other, user=make_user("frank"), role=Role.OWNER)
    return cohort


@pytest.fixture
def enrolled(alice: User, tiny: Project, led: Cohort) -> Enrolment:
    return intake.enrol(alice, tiny)


@pytest.fixture
def refused(enrolled: Enrolment, conclude: Callable[[Run, Verdict], None], broken_ingest: Verdict) -> Submission:
    """Alice's ingest, which did not run."""
    run = intake.submit(enrolled, "ingest", {"pipeline/ingest.py": STARTED, "notes.py": b"# mine\n"}, "web")
    conclude(run, broken_ingest)
    return run.submission


@pytest.fixture
def passed(enrolled: Enrolment, conclude: Callable[[Run, Verdict], None], passed_ingest: Verdict) -> Submission:
    """Alice's ingest, which passed."""
    run = intake.submit(enrolled, "ingest", {"pipeline/ingest.py": STARTED}, "web")
    conclude(run, passed_ingest)
    return run.submission


@pytest.fixture
def as_alice(alice: User, log_in: Callable[[User], Client]) -> Client:
    return log_in(alice)


@pytest.fixture
def as_dana(dana: User, log_in: Callable[[User], Client]) -> Client:
    return log_in(dana)
