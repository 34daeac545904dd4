"""Trails are only added to: by the models' word and by the database's, and still let go of accounts that go."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from people.accounts import trail
from people.accounts.models import AccountLine, User
from people.accounts.tokens import issue_token, revoke_token
from people.cohorts import diary
from people.cohorts.models import Cohort, CohortLine
from people.employers import desks
from people.employers.models import Employer, EmployerLine
from people.learners.models import AuditLine
from people.trails import NeverRewritten, Trail

ROOT = Path(__file__).resolve().parents[3]


def refuses(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError as fault:
        return "is only added to" in str(fault)
    return False


@pytest.fixture
def lines(dana: User, alice: User) -> list[Trail]:
    cohort, firm = Cohort.objects.create(slug="autumn", title="Autumn"), Employer.objects.create(title="N", slug="n")
    diary.note(cohort, dana, "moved a date", alice, text="a week")
    desks.note(firm, dana, "wrote a role")
    trail.note(alice, "made a token")
    return [CohortLine.objects.get(), EmployerLine.objects.get(), AccountLine.objects.get()]


def test_the_models_refuse_to_change_a_line_or_to_take_one_away(lines: list[Trail]) -> None:
    for line in lines:
        line.verb = "did nothing"  # type: ignore[attr-defined]
        rows = type(line).objects.filter(pk=line.pk)  # type: ignore[attr-defined]
        ways: list[Callable[[], object]] = [line.save, line.delete, rows.delete, lambda rows=rows: rows.update(verb="")]  # type: ignore[misc]
        for way in ways:
            with pytest.raises(NeverRewritten):
                way()
        assert rows.get().verb != "did nothing"
    assert issubclass(AuditLine, Trail)


def test_the_database_refuses_whoever_asks_it(lines: list[Trail]) -> None:
    for line in lines:
        table = line._meta.db_table
        assert refuses(f"UPDATE {table} SET verb = 'did nothing'"), table
        assert refuses(f"UPDATE {table} SET id = id + 1000"), table
    assert refuses("UPDATE accounts_accountline SET account = 1")
    assert refuses("DELETE FROM accounts_accountline")
    bob = User.objects.create(username="bob")
    assert refuses(f"UPDATE cohorts_cohortline SET actor_id = {bob.pk}")
    assert refuses(f"UPDATE cohorts_cohortline SET learner_id = {bob.pk}")


def test_every_trail_is_guarded_in_the_database_as_it_was_migrated(db: None) -> None:
    catalogue = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    with connection.cursor() as cursor:
        cursor.execute(catalogue.get(connection.vendor, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
        found = {name for (name,) in cursor.fetchall()}
    trails = {model._meta.db_table for model in Trail.__subclasses__()}
    assert len(trails) == 4
    assert {f"{table}_no_update" for table in trails} | {"accounts_accountline_no_delete"} <= found


def test_an_account_can_go_and_the_lines_stay_without_it(lines: list[Trail], dana: User, alice: User) -> None:
    number = alice.pk
    dana.delete()
    alice.delete()
    said = CohortLine.objects.get()
    assert (said.actor, said.learner, said.verb, said.text) == (None, None, "moved a date", "a week")
    assert (EmployerLine.objects.get().actor, AccountLine.objects.get().account) == (None, number)
    Cohort.objects.all().delete()
    assert not CohortLine.objects.exists()


def test_tokens_passwords_and_who_knocks_too_often_are_written_down(alice: User, bob: User) -> None:
    token = issue_token(alice, "Alice's own laptop", ["read"])
    assert revoke_token(alice, alice.tokens.get().pk)
    assert not revoke_token(bob, 7)
    client = Client()
    for _time in range(7):
        client.post("/accounts/login/", {"login": "bob", "password": "not Bob's own word"})
    client.force_login(alice)
    change = {"oldpassword": "a long password", "password1": "another long one", "password2": "another long one"}
    client.post("/accounts/password/change/", change)
    told = [line.verb for line in trail.list_lines(alice)]
    assert told == ["changed the password", "revoked a token", "made a token"]
    assert [(line.verb, line.text) for line in trail.list_lines(bob)] == [("was asked for too often", "127.0.0.1")] * 2
    everything = str(list(AccountLine.objects.values()))
    assert token[:8] in everything
    assert not any(secret in everything for secret in (token, "laptop", "Bob", "alice", "another long one"))


@pytest.mark.services
def test_all_of_it_holds_on_postgresql() -> None:
    name = f"test_trails_{os.getpid()}"
    told = {**os.environ, "DATABASE_URL": f"postgresql://postgres@127.0.0.1:5432/{name}"}
    here = str(Path(__file__).relative_to(ROOT))
    asked = [sys.executable, "-m", "pytest", here, "-q", "-p", "no:cacheprovider", "-m", "not services", "--create-db"]
    ran = subprocess.run(asked, env=told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]
