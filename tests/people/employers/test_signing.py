"""Keys change and stay published: what an old one signed verifies, in the name of a domain and of a bare key."""

import json
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from credentials.verifying import Report, gather, verify
from people.accounts.models import User
from people.employers import claiming, signing
from people.employers.models import Algorithm, Credential, SigningKey
from people.learners.models import Submission


def read_as_a_stranger(client: Client, address: str, content: str) -> Report:
    def fetch(url: str) -> bytes | None:
        answer = client.get(url.removeprefix(address))
        return answer.content if answer.status_code == 200 else None

    return verify(content.encode(), gather(content.encode(), fetch), timezone.now())


def test_after_rotation_the_old_credential_verifies_and_the_new_one_is_signed_by_another_key(
    alice: User, passed: Submission, client: Client, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MILEPOST_ADDRESS = address = "https://milepost.example"  # type: ignore[attr-defined]
    old = claiming.claim(alice, "milestone", "tiny/ingest")
    call_command("rotate_credential_keys")
    assert "Ed25519 signs with z6Mk" in capsys.readouterr().out
    new = claiming.claim(alice, "skill", "acquire-data")
    methods = {one.document["proof"]["verificationMethod"] for one in (old, new)}
    published = json.loads(client.get("/.well-known/did.json").content)
    assert methods < {method["id"] for method in published["verificationMethod"]}
    assert len(published["verificationMethod"]) == 4
    assert "secret" not in json.dumps(published)
    assert "sealed" not in json.dumps(published)
    for text in (json.dumps(old.document), old.token, json.dumps(new.document), new.token):
        assert read_as_a_stranger(client, address, text).holds
    assert client.get("/issuer/").content.decode().count("signs now") == 2


def test_without_a_domain_each_key_is_its_own_issuer_and_still_signs_its_lists(
    alice: User, passed: Submission, client: Client, settings: object
) -> None:
    # As an address behind https with a path is: the domain is somebody else's.
    settings.MILEPOST_ADDRESS = address = "https://shared.example/milepost"  # type: ignore[attr-defined]
    old = claiming.claim(alice, "milestone", "tiny/ingest")
    signing.rotate(timezone.now())
    for text in (json.dumps(old.document), old.token):
        report = read_as_a_stranger(client, address, text)
        assert (report.signature.code, report.issuer.code, report.revocation.code) == (
            "signed",
            "bare-key",
            "in-force",
        )
    claiming.withdraw(alice, old.uuid)
    assert read_as_a_stranger(client, address, json.dumps(old.document)).revocation.code == "revoked"
    assert read_as_a_stranger(client, address, old.token).revocation.code == "revoked"
    assert client.get("/.well-known/did.json").status_code == 404


def test_the_private_half_is_sealed_and_another_secret_makes_another_key(db: None, settings: object) -> None:
    row, key = signing.choose_key(Algorithm.ED25519)
    assert json.loads(key.secret)["d"] not in row.sealed
    assert signing.choose_key(Algorithm.ED25519)[0] == row
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    other, _key = signing.choose_key(Algorithm.ED25519)
    assert other.public != row.public
    assert [one.retired is None for one in SigningKey.objects.order_by("pk")] == [False, True]


def test_places_in_the_list_are_chosen_by_chance(
    alice: User, passed: Submission, log_in: Callable[..., Client]
) -> None:
    made = [claiming.claim(alice, kind, of) for kind, of in (("milestone", "tiny/ingest"), ("skill", "acquire-data"))]
    first, second = (one.status_index for one in made)
    assert abs(first - second) > 1
    assert {one.status_list_id for one in made} == {Credential.objects.all()[0].status_list_id}
