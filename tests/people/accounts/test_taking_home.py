"""What is held about somebody, as they take it home: all of it, nobody else's, and nothing that lets anybody in."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts import trail
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts import diary
from people.cohorts.models import Cohort, Membership, Role
from people.goals.models import Goal
from people.learners import intake
from people.learners.models import Run


@pytest.fixture
def client(alice: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": "a long password"})
    client.post("/accounts/reauthenticate/", {"password": "a long password"})
    return client


def test_all_of_it_and_nobody_elses(
    client: Client,
    alice: User,
    bob: User,
    dana: User,
    tiny: Project,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    token = issue_token(alice, "laptop")
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.OWNER)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
        Goal.objects.create(user=user, unit="days", number=2)
    diary.note(cohort, dana, "moved a date", alice, text="one week more")
    for user in (alice, bob):
        conclude(
            intake.submit(intake.enrol(user, tiny), "ingest", {"main.py": user.username.encode()}, "web"), passed_ingest
        )
    answer = client.post("/me/export/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    files = {name: packed.read(name) for name in packed.namelist()}
    rows = {name: json.loads(files[name]) for name in files if name.startswith("rows/")}
    assert rows["rows/accounts.user.json"][0]["username"] == "alice"
    assert rows["rows/account.emailaddress.json"][0]["email"] == "alice@example.org"
    assert [row["text"] for row in rows["rows/cohorts.cohortline.json"]] == ["one week more"]
    assert {len(rows[f"rows/{name}.json"]) for name in ("cohorts.membership", "goals.goal", "learners.enrolment")} == {
        1
    }
    assert rows["rows/accounts.accesstoken.json"][0]["name"] == "laptop"
    assert files["projects/tiny/files/main.py"] == b"alice"
    assert {"projects/tiny/repository.bundle", "projects/tiny/reports/0001-ingest.json"} <= set(files)
    everything = b"".join(files.values())
    held = alice.tokens.get().digest
    for secret in (token, held, alice.password, alice.enrolments.get().key):
        assert str(secret).encode() not in everything
    assert b"bob" not in everything
    assert trail.list_lines(alice)[0].verb == "took home what is held about them"


def test_whoever_sits_at_the_machine_alone_does_not_get_it(alice: User, log_in: Callable[[User], Client]) -> None:
    answer = log_in(alice).post("/me/export/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not trail.list_lines(alice).exists()


def test_it_is_taken_home_a_few_times_in_an_hour(client: Client) -> None:
    assert [client.post("/me/export/").status_code for _time in range(6)] == [200] * 6
    refused = client.post("/me/export/")
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)
    assert "You have just taken it home." in refused.content.decode()
