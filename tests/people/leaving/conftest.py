"""Alice, who learns with Bob under Dana, has shown something to Erin, and is about to leave."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts.models import Cohort
from people.employers import claiming
from people.employers.candidates import keep_candidate
from people.employers.claiming import Identity, Wish
from people.employers.models import Credential, Disclosure, Post
from people.goals.models import Goal
from tests.people.employers.conftest import autumn, desk, evident, northwind, sent

__all__ = ["autumn", "desk", "evident", "northwind", "sent"]


@pytest.fixture
def leaver(evident: User, autumn: Cohort, sent: Disclosure, desk: Post, settings: object) -> User:
    """Alice, of whom there are rows wherever somebody leaves some."""
    settings.MILEPOST_ADDRESS = "https://milepost.example"  # type: ignore[attr-defined]
    EmailAddress.objects.create(user=evident, email="alice@example.org", verified=True, primary=True)
    User.objects.filter(pk=evident.pk).update(email="alice@example.org", language="de", zone="Europe/Berlin")
    issue_token(evident, "laptop of Alice")
    Goal.objects.create(user=evident, unit="days", number=2)
    keep_candidate(desk, f"/shared/{sent.token}/")
    evident.refresh_from_db()
    return evident


@pytest.fixture
def named(leaver: User) -> Credential:
    """A credential that says her name."""
    return claiming.claim(leaver, "milestone", "tiny/ingest", Wish(shows_name=True))


@pytest.fixture
def unnamed(leaver: User) -> Credential:
    """Another one, which stands for a number."""
    return claiming.claim(leaver, "skill", "acquire-data", Wish(Identity.UNLINKED))


@pytest.fixture
def mine(leaver: User) -> Client:
    """Alice's browser, a moment after she has said once more who she is."""
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": "a long password"})
    client.post("/accounts/reauthenticate/", {"password": "a long password"})
    return client


@pytest.fixture
def everything(db: None) -> Callable[[], str]:
    """Every row of every table of the database, as text."""

    def read() -> str:
        told = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f'SELECT * FROM "{table}"')
                told += [f"{table}: {row}" for row in cursor.fetchall()]
        return "\n".join(told)

    return read
