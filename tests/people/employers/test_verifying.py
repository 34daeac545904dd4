"""Anybody verifies anything, on the page and by the API: four answers, each in its sentence, within limits."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from credentials.proofs import sign
from people.accounts.models import User
from people.employers import checking, claiming
from people.employers.claiming import Wish
from people.employers.issuer import choose_signer
from people.employers.models import Algorithm, Credential, StatusList
from people.learners.models import Submission

MEGABYTE = 2**20


@pytest.fixture
def claimed(alice: User, passed: Submission) -> Credential:
    return claiming.claim(alice, "milestone", "tiny/ingest", Wish(shows_name=True))


@pytest.fixture
def ask(client: Client, db: None) -> Callable[..., Any]:
    """Over the API."""
    cache.clear()
    return lambda **sent: client.post("/api/verify", json.dumps(sent), "application/json")


def sign_again(document: dict[str, Any], **changes: Any) -> str:
    """The same from the same issuer, with other words in it."""
    signer = choose_signer(Algorithm.ED25519)
    bare = {name: part for name, part in {**document, **changes}.items() if name != "proof"}
    return json.dumps(sign(bare, signer.key, signer.method, timezone.now()))


def codes(answer: Any) -> dict[str, tuple[str, str]]:
    told = answer.json()
    names = ("signature", "issuer", "validity", "revocation")
    return {name: (told[name]["answer"], told[name]["code"]) for name in names}


def test_one_of_ours_is_answered_four_times_with_what_it_says(
    claimed: Credential, ask: Callable[..., Any], client: Client
) -> None:
    for text in (json.dumps(claimed.document), claimed.token):
        answer = ask(text=text)
        assert answer.json()["holds"]
        assert codes(answer) == {
            "signature": ("yes", "signed"),
            "issuer": ("yes", "ours"),
            "validity": ("yes", "valid"),
            "revocation": ("yes", "in-force"),
        }
    page = client.post("/verify/", {"text": claimed.token}).content.decode()
    for sentence in ("Nothing speaks against it", "We issued it ourselves.", "Alice", "Read the numbers (Tiny)"):
        assert sentence in page


def test_each_fault_is_answered_by_itself(claimed: Credential, ask: Callable[..., Any]) -> None:
    document = claimed.document
    ended = "2026-01-01T00:00:00Z"
    raised = json.loads(json.dumps(document).replace("Level 2", "Level 4"))
    other = {**document, "@context": [*document["@context"], "https://example.org/words/v1"]}
    added = {**document, "secretScore": 99}
    told = {
        "tampered": json.dumps(raised),
        "added": json.dumps(added),
        "unknown": json.dumps(other),
        "truncated": json.dumps(document)[:-200],
        "expired": sign_again(document, validUntil=ended),
        "empty": " ",
    }
    answers = {name: ask(text=text) for name, text in told.items() if text.strip()}
    found = {name: codes(answer) for name, answer in answers.items()}
    assert {name: found[name]["signature"] for name in found} == {
        "tampered": ("no", "changed"),
        "added": ("no", "unsigned-term"),
        "unknown": ("unknown", "unknown-context"),
        "truncated": ("no", "no-json"),
        "expired": ("yes", "signed"),
    }
    assert found["expired"]["validity"] == ("no", "expired")
    assert [name for name, answer in answers.items() if answer.json()["holds"]] == []
    assert "https://example.org/words/v1" in answers["unknown"].json()["signature"]["sentence"]


def test_a_withdrawn_one_is_revoked_and_all_else_of_it_still_true(
    alice: User, claimed: Credential, ask: Callable[..., Any], client: Client
) -> None:
    claiming.withdraw(alice, claimed.uuid)
    found = codes(ask(text=json.dumps(claimed.document)))
    assert (found["signature"][0], found["revocation"]) == ("yes", ("no", "revoked"))
    page = client.post("/verify/", {"text": json.dumps(claimed.document)}).content.decode()
    assert "Not to be relied on as it is" in page
    assert "Its issuer has revoked it." in page


def test_ten_megabytes_are_refused_with_what_to_do(client: Client, ask: Callable[..., Any]) -> None:
    heap = SimpleUploadedFile("badge.json", b" " * 10 * MEGABYTE)
    page = client.post("/verify/", {"file": heap})
    assert page.status_code == 413
    assert "its .json, .jwt, .png or .svg file" in page.content.decode()
    heap.seek(0)
    answer = client.post("/api/verify", {"file": heap})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "remedy" in answer.json()
    assert ask(text=" " * 10 * MEGABYTE).status_code == 413


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/badge.json",
        "https://127.0.0.1/badge.json",
        "https://[::1]/",
        "https://169.254.169.254/latest/",
        "file:///etc/passwd",
        "nonsense",
        "https://user@8.8.8.8/",
        "http://localhost:8000/admin/",
    ],
)
def test_a_link_into_our_own_network_is_not_followed(
    link: str, ask: Callable[..., Any], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.Session.send", lambda *given, **named: pytest.fail("went out"))
    answer = ask(link=link)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreachable")
    page = client.post("/verify/", {"link": link})
    assert page.status_code == 400
    assert "Nothing could be fetched" in page.content.decode()


def test_a_link_to_one_of_ours_is_read_here(claimed: Credential, ask: Callable[..., Any], settings: object) -> None:
    address = f"{settings.MILEPOST_ADDRESS}/credentials/{claimed.uuid}/"  # type: ignore[attr-defined]
    assert codes(ask(link=address))["signature"] == ("yes", "signed")
    Credential.objects.all().delete()
    assert ask(link=address).status_code == 400


def test_another_instances_is_told_by_its_domain_and_not_endorsed(
    alice: User,
    passed: Submission,
    ask: Callable[..., Any],
    client: Client,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.MILEPOST_ADDRESS = "https://elsewhere.example"  # type: ignore[attr-defined]
    theirs = claiming.claim(alice, "milestone", "tiny/ingest")
    published = {
        f"https://elsewhere.example{path}": client.get(path).content
        for path in ("/.well-known/did.json", f"/credentials/status/{theirs.status_list.uuid}")
    }
    settings.MILEPOST_ADDRESS = "https://here.example"  # type: ignore[attr-defined]
    monkeypatch.setattr(checking, "_fetch", published.__getitem__)
    answer = ask(text=json.dumps(theirs.document))
    assert codes(answer) == {
        "signature": ("yes", "signed"),
        "issuer": ("yes", "domain"),
        "validity": ("yes", "valid"),
        "revocation": ("yes", "in-force"),
    }
    assert "elsewhere.example" in answer.json()["issuer"]["sentence"]
    assert "for you to decide" in answer.json()["issuer"]["sentence"]


def test_one_way_of_three_is_asked_for_and_what_was_typed_stays(client: Client, ask: Callable[..., Any]) -> None:
    both = client.post("/verify/", {"text": "{}", "link": "https://example.org/"})
    assert both.status_code == 400
    assert "Give one of them" in both.content.decode()
    assert 'value="https://example.org/"' in both.content.decode()
    assert client.post("/verify/", {}).status_code == 400
    assert ask().status_code == 400
    assert ask(text="{}", link="https://example.org/").status_code == 400


def test_who_verifies_too_much_waits(client: Client, ask: Callable[..., Any]) -> None:
    for _time in range(20):
        assert ask(text="x").status_code == 200
    answer = ask(text="x")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    page = client.post("/verify/", {"text": "x"})
    assert page.status_code == 429
    assert "Try again in" in page.content.decode()


def test_a_stale_list_is_signed_anew_and_an_unchanged_one_is_not_sent_again(
    claimed: Credential, client: Client, ask: Callable[..., Any], django_assert_num_queries: Callable[..., Any]
) -> None:
    address = f"/credentials/status/{claimed.status_list.uuid}"
    first = client.get(address)
    with django_assert_num_queries(2):
        again = client.get(address)
    assert again.content == first.content
    with django_assert_num_queries(1):
        assert client.get(address, headers={"If-None-Match": again.headers["ETag"]}).status_code == 304
    StatusList.objects.update(signed_at=timezone.now() - timedelta(days=4))
    assert client.get(address).status_code == 200
    assert StatusList.objects.get().signed_at > timezone.now() - timedelta(minutes=1)
    assert client.get("/credentials/status/0f6f4a52-5d0e-4a0b-9d0c-5c0a5a2a7e11").status_code == 404
