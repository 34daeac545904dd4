"""A learner claims what they have shown, over HTTP and the API; what they have not shown, nobody can sign."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credentials.baking import unbake
from credentials.verifying import Answer, Report, gather, verify
from people.accounts.models import User
from people.employers import claiming
from people.employers.models import Credential
from people.learners.models import Override, Submission


@pytest.fixture
def ask(client: Client, settings: object) -> Callable[[bytes], Report]:
    """Verify as a stranger does: all that is fetched comes over HTTP from this site."""

    def fetch(url: str) -> bytes | None:
        answer = client.get(url.removeprefix(settings.MILEPOST_ADDRESS))  # type: ignore[attr-defined]
        return answer.content if answer.status_code == 200 else None

    return lambda content: verify(content, gather(content, fetch), timezone.now())


def raise_level(document: dict[str, Any]) -> bytes:
    document["credentialSubject"]["result"][0]["achievedLevel"] += "4"
    return json.dumps(document).encode()


def tamper(content: bytes) -> bytes:
    """The same credential, saying that another level was reached."""
    text = unbake(content) if content.startswith((b"\x89PNG", b"<?xml")) else content.decode()
    assert text
    if text.startswith("{"):
        return raise_level(json.loads(text))
    head, body, signature = text.split(".")
    told = raise_level(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    return f"{head}.{base64.urlsafe_b64encode(told).decode().rstrip('=')}.{signature}".encode()


@pytest.mark.parametrize("address", ["https://milepost.example", "https://learn.example.org:8443"])
def test_what_is_claimed_over_http_is_accepted_by_a_stranger_in_every_form(
    alice: User,
    passed: Submission,
    log_in: Callable[[User], Client],
    ask: Callable[[bytes], Report],
    settings: object,
    address: str,
) -> None:
    settings.MILEPOST_ADDRESS = address  # type: ignore[attr-defined]
    mine = log_in(alice)
    page = mine.get("/me/credentials/claim/milestone/tiny/ingest/")
    assert (page.status_code, Credential.objects.count()) == (200, 0)
    made = mine.post("/me/credentials/claim/milestone/tiny/ingest/", {"identity": "pseudonym"})
    credential = Credential.objects.get()
    assert made.headers["Location"] == f"/credentials/{credential.uuid}/"
    for form in ("json", "jwt", "png", "svg"):
        content = mine.get(f"/me/credentials/{credential.uuid}/badge.{form}").content
        report = ask(content)
        assert {report.signature.code, report.issuer.code, report.validity.code, report.revocation.code} == {
            "signed",
            "domain",
            "valid",
            "in-force",
        }, (form, report)
        assert report.holds
        assert ask(tamper(content)).signature.answer == Answer.NO
    packed = zipfile.ZipFile(io.BytesIO(mine.get("/me/credentials/all.zip").content))
    assert len(packed.namelist()) == 4
    mine.post(f"/me/credentials/{credential.uuid}/withdraw/")
    assert ask(json.dumps(credential.document).encode()).revocation.code == "revoked"
    assert ask(credential.token.encode()).revocation.code == "revoked"


def test_nothing_can_be_claimed_that_was_not_shown(
    alice: User, bob: User, passed: Submission, log_in: Callable[[User], Client]
) -> None:
    mine, his = log_in(alice), log_in(bob)
    for of in ("milestone/tiny/clean", "project/tiny", "skill/clean", "skill/nonsense", "wish/tiny"):
        assert mine.get(f"/me/credentials/claim/{of}/").status_code == 404
        assert mine.post(f"/me/credentials/claim/{of}/", {"identity": "pseudonym"}).status_code == 404
    refused = his.post("/api/me/credentials", {"kind": "milestone", "of": "tiny/ingest"})
    assert (refused.status_code, refused.json()["code"]) == (404, "not-shown")
    assert not Credential.objects.exists()


def test_a_pass_by_a_leaders_word_is_not_signed(
    alice: User, dana: User, judge: Callable[..., Submission], log_in: Callable[[User], Client]
) -> None:
    failed = judge("ingest", "no", holds=False)
    Override.objects.create(submission=failed, by=dana, outcome="passed", machine="failed", reason="Seen.")
    refused = log_in(alice).post("/api/me/credentials", {"kind": "milestone", "of": "tiny/ingest"})
    assert refused.status_code == 404


def test_the_api_lists_claims_hands_over_and_withdraws(
    alice: User, bob: User, passed: Submission, log_in: Callable[[User], Client]
) -> None:
    mine, his = log_in(alice), log_in(bob)
    told = mine.get("/api/me/credentials").json()
    assert [(one["kind"], one["of"], one["level"]) for one in told["claimable"]] == [
        ("milestone", "tiny/ingest", 0),
        ("skill", "acquire-data", 2),
    ]
    made = mine.post("/api/me/credentials", {"kind": "skill", "of": "acquire-data", "shows_name": "1"})
    assert (made.status_code, made.json()["level"]) == (201, 2)
    again = mine.post("/api/me/credentials", {"kind": "skill", "of": "acquire-data"})
    assert (again.status_code, again.json()["code"]) == (409, "claimed")
    uuid = made.json()["uuid"]
    for form in ("json", "jwt", "png", "svg"):
        assert mine.get(f"/api/me/credentials/{uuid}/badge.{form}").status_code == 200
        assert his.get(f"/api/me/credentials/{uuid}/badge.{form}").status_code == 404
    assert mine.get(f"/api/me/credentials/{uuid}/badge.exe").status_code == 404
    assert zipfile.ZipFile(io.BytesIO(mine.get("/api/me/credentials.zip").content)).testzip() is None
    assert his.delete(f"/api/me/credentials/{uuid}").status_code == 404
    assert mine.delete(f"/api/me/credentials/{uuid}").json()["reason"] == "withdrawn"
    assert mine.post("/api/me/credentials", {"kind": "skill", "of": "acquire-data"}).status_code == 201


def test_whose_it_is_the_learner_decides(
    alice: User, passed: Submission, judge: Callable[..., Submission], log_in: Callable[[User], Client]
) -> None:
    judge("clean", "two")
    mine = log_in(alice)
    wishes = [
        ("milestone", "tiny/ingest", {}),
        ("milestone", "tiny/clean", {"shows_name": "1"}),
        ("project", "tiny", {"identity": "unlinked"}),
    ]
    for kind, of, wish in wishes:
        assert mine.post("/api/me/credentials", {"kind": kind, "of": of, **wish}).status_code == 201
    hashed = {"kind": "skill", "of": "clean", "identity": "mail"}
    assert mine.post("/api/me/credentials", hashed).json()["code"] == "no-address"
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    assert mine.post("/api/me/credentials", hashed).status_code == 201
    subjects = [one.document["credentialSubject"] for one in Credential.objects.order_by("pk")]
    assert subjects[0]["id"] == subjects[1]["id"] == subjects[3]["id"] != subjects[2]["id"]
    assert "identifier" not in subjects[0]
    assert subjects[1]["identifier"][0]["identityHash"] == "Alice"
    [told] = subjects[3]["identifier"]
    digest = hashlib.sha256(f"alice@example.org{told['salt']}".encode()).hexdigest()
    assert told["identityHash"] == f"sha256${digest}"
    plain = json.dumps(Credential.objects.order_by("pk")[0].document)
    assert "lice" not in plain


def test_the_document_says_how_it_came_about(alice: User, passed: Submission) -> None:
    claiming.claim(alice, "milestone", "tiny/ingest")
    document = Credential.objects.get().document
    achievement, [result] = document["credentialSubject"]["achievement"], document["credentialSubject"]["result"]
    assert achievement["id"].endswith("/achievements/milestone/tiny/ingest/1/")
    [kind] = achievement["resultDescription"]
    assert len(kind["rubricCriterionLevel"]) == 5
    assert result["achievedLevel"] == kind["rubricCriterionLevel"][1]["id"]
    assert achievement["alignment"][0]["targetUrl"].startswith("http://data.europa.eu/esco/skill/")
    [evidence] = document["evidence"]
    for part in (f"Commit {passed.commit}", "World bbbb", "Package cccc", "Environment dddd", "Try 1.", "No hint"):
        assert part in evidence["narrative"]


def test_pages_about_it_need_no_account_and_cost_a_constant_number_of_queries(
    alice: User,
    passed: Submission,
    judge: Callable[..., Submission],
    client: Client,
    log_in: Callable[[User], Client],
    django_assert_num_queries: Callable[..., Any],
) -> None:
    credential = claiming.claim(alice, "milestone", "tiny/ingest")
    with django_assert_num_queries(1):
        page = client.get(f"/credentials/{credential.uuid}/").content.decode()
    assert "Exactly what was signed" in page
    assert "Alice" not in page
    assert client.get(f"/credentials/{credential.uuid}/", headers={"Accept": "application/json"}).json()["proof"]
    assert client.get("/credentials/0f6f4a52-5d0e-4a0b-9d0c-5c0a5a2a7e11/").status_code == 404
    for place in ("milestone/tiny/ingest/1/", "project/tiny/1/", "skill/clean/3/"):
        assert client.get(f"/achievements/{place}").status_code == 200
    for place in ("milestone/tiny/ingest/9/", "project/other/1/", "skill/clean/6/", "wish/clean/1/", "skill/clean/x/"):
        assert client.get(f"/achievements/{place}").status_code == 404
    mine = log_in(alice)
    counted = []
    for of in ("project/tiny", "skill/clean", "milestone/tiny/clean"):
        with CaptureQueriesContext(connection) as queries:
            assert mine.get("/me/credentials/").status_code == 200
        counted.append(len(queries))
        if not counted[1:]:
            judge("clean", "two")
        claiming.claim(alice, *of.split("/", 1))
    assert len(set(counted)) == 1
