"""Programs are told in the language of the account, or else in the one that they ask for: API, push, stream, mail."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.languages import choose_language, language_of
from people.accounts.models import User
from people.learners import git_api, intake, ledger
from people.learners.models import Enrolment, Run, Submission
from tests.people.learners.conftest import Clone

GERMAN = {"Accept-Language": "de"}
Conclude = Callable[[Run, Verdict], None]


def test_the_api_says_no_in_the_language_of_the_account_or_of_the_question(
    api: Callable[[User], APIClient], alice: User, bob: User, tiny: Project
) -> None:
    choose_language(alice, "de")
    address = "/api/projects/tiny/export"
    assert api(alice).get(address).json()["detail"].startswith("Du bist nicht in 'tiny' eingeschrieben")
    assert api(bob).get(address).json()["detail"].startswith("You are not enrolled in 'tiny'")
    assert api(bob).get(address, headers=GERMAN).json()["detail"].startswith("Du bist nicht in")
    assert api(alice).get(address, headers={"Accept-Language": "en"}).json()["detail"].startswith("Du bist nicht in")


def test_whoever_comes_next_is_not_spoken_to_as_the_one_before(
    api: Callable[[User], APIClient], alice: User, db: None
) -> None:
    choose_language(alice, "de")
    assert api(alice).get("/api/submissions/1").json()["detail"] == "Es gibt keine solche Abgabe von dir."
    problem = APIClient().get("/api/me").json()
    assert (problem["code"], problem["remedy"][:12]) == ("not-authenticated", "Make a token")
    problem = APIClient().get("/api/me", headers=GERMAN).json()
    assert (problem["code"], problem["remedy"][:16]) == ("not-authenticated", "Erstelle ein Tok")
    assert Client().get("/api/nowhere", headers=GERMAN).json()["detail"] == "Unter dieser Adresse gibt es nichts."


def test_a_verdict_is_told_in_german_and_kept_and_exported_in_english(
    api: Callable[[User], APIClient], alice: User, tiny: Project, rings: list[object], conclude: Conclude
) -> None:
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b""}, "test")
    newer = intake.submit(run.submission.enrolment, "ingest", {"main.py": b"1"}, "test")
    told = api(alice).get(f"/api/submissions/{run.submission_id}", headers=GERMAN).json()["run"]
    assert told["sentence"].endswith(f"deshalb wird stattdessen Abgabe {newer.submission.number} beurteilt.")
    events = api(alice).get(f"/api/submissions/{run.submission_id}/events", headers=GERMAN).json()["events"]
    assert [event["text"] for event in events] == ["überholt: stattdessen wird Abgabe 2 beurteilt"]
    run.refresh_from_db()
    assert run.sentence.endswith("so submission 2 is judged instead.")
    export = io.BytesIO(api(alice).get("/api/projects/tiny/export", headers=GERMAN).content)
    with zipfile.ZipFile(export) as archive:
        assert json.loads(archive.read("reports/0001-ingest.json"))["run"]["sentence"] == run.sentence


@pytest.mark.django_db(transaction=True)
def test_a_push_is_answered_in_german(
    enrolled: Enrolment,
    alice: User,
    clone: Callable[..., Clone],
    failed_clean: Verdict,
    passed_ingest: Verdict,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdicts = [passed_ingest, failed_clean]

    def judge(seconds: float) -> None:
        claimed = ledger.claim(Run.objects.latest("pk").pk)
        if claimed is not None:
            ledger.note_event(claimed, claimed.submission.kind, "running your code")
            ledger.record(claimed, verdicts.pop(0))

    monkeypatch.setattr(git_api, "pause", judge)
    choose_language(alice, "de")
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "print(5)"})
    code, told = mine.push()
    assert code == 0
    for line in (
        "Abgegeben für ingest als Abgabe 1 (der nächste offene Meilenstein; -o milestone=… nennt einen anderen).",
        "wartet auf einen Worker; du bist als Nächstes dran",
        "ingest   dein Code läuft",
        "ingest: Bestanden",
        "Der nächste Meilenstein ist clean.",
    ):
        assert f"remote: {line}\n" in told
    mine.commit({"pipeline/clean.py": "print(5)"})
    told = mine.push()[1]
    assert "remote: clean: Nicht bestanden\n" in told
    assert "remote: 1 weitere wurde nicht gefragt.\n" in told
    mine.commit({"pipeline/clean.py": "print(6)"})
    code, told = mine.push("-o", "milestone=deploy", "origin", "main")
    assert code == 1
    assert "remote: Es gibt keinen Meilenstein 'deploy'; es gibt ingest, clean.\n" in told
    assert Submission.objects.count() == 2


@pytest.mark.parametrize(("chosen", "begins"), [("de", "Hallo"), ("", "Hello"), ("tlh", "Hello")])
def test_a_mail_is_in_the_language_of_whose_account_it_is(chosen: str, begins: str, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language=chosen, email="alice@example.org")
    Client().post("/accounts/password/reset/", {"email": "alice@example.org"}, headers={"Accept-Language": "en"})
    assert mail.outbox[0].body.startswith(begins)
    alice.refresh_from_db()
    assert language_of(alice) == ("de" if chosen == "de" else "en-gb")
