"""`milepost verify`: a credential of anybody's, with no server behind it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from milepost import credential
from milepost.cli import app
from typer.testing import CliRunner

from credentials.baking import bake_svg
from credentials.documents import build_credential
from credentials.status import LEAST_ENTRIES, set_bit, status_credential
from tests.credentials.conftest import DID, INDEX, KEYS, LIST, Desk, make_grant

# The command looks at the real clock.
SINCE = datetime(2026, 1, 15, tzinfo=UTC)
VECTOR = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'


class Post:
    """Erin's folder: what Alice gave her, and what the issuer publishes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.desk = folder, Desk()
        self.draft = build_credential(replace(make_grant(), valid_from=SINCE, ended=SINCE))
        self.write("badge.json", json.dumps(self.desk.sign(self.draft)).encode())
        self.write("did.json", self.publish()[KEYS])
        self.write("list.json", self.publish()[LIST])

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def publish(self, *revoked: int) -> Mapping[str, bytes]:
        bits = bytes(LEAST_ENTRIES // 8)
        for index in revoked:
            bits = set_bit(bits, index)
        listed = json.dumps(self.desk.sign(status_credential(LIST, DID, bits, SINCE))).encode()
        return {KEYS: self.desk.publish()[KEYS] or b"", LIST: listed}


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.chdir(tmp_path)
    return Post(tmp_path)


def verify(*words: str) -> Result:
    return CliRunner().invoke(app, ["verify", *words])


def answers(*words: str) -> tuple[int, dict[str, str]]:
    done = verify(*words, "--json")
    told = json.loads(done.stdout)["answers"]
    return done.exit_code, {name: one["answer"] for name, one in told.items()}


GIVEN = ("--offline", "--issuer", "did.json", "--status", "list.json")
ALL_WELL = {"signature": "yes", "issuer": "yes", "validity": "yes", "revocation": "yes"}


def test_with_what_its_issuer_publishes_given_as_files_all_is_answered_offline(post: Post) -> None:
    assert answers("badge.json", *GIVEN) == (0, ALL_WELL)
    post.write("badge.jwt", post.desk.sign_token(post.draft).encode())
    assert answers("badge.jwt", *GIVEN) == (0, ALL_WELL)
    post.write("badge.svg", bake_svg(VECTOR, post.desk.sign_token(post.draft)))
    assert answers("badge.svg", *GIVEN) == (0, ALL_WELL)


def test_offline_it_says_what_it_cannot_say(post: Post) -> None:
    code, told = answers("badge.json", "--offline")
    assert (code, told["signature"], told["validity"], told["revocation"]) == (1, "unknown", "yes", "unknown")
    done = verify("badge.json", "--offline", "--issuer", "did.json")
    assert done.exit_code == 0
    assert "The list of revoked credentials could not be fetched" in done.stdout
    assert "--status list.json" in done.stdout


def test_with_a_network_it_fetches_them(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    published = post.publish(INDEX)

    def serve(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=published[str(request.url)])

    monkeypatch.setattr(credential, "transport", httpx.MockTransport(serve))
    assert answers("badge.json") == (1, {**ALL_WELL, "revocation": "no"})
    assert "Its issuer has revoked it." in verify("badge.json").stdout


def test_what_the_network_refuses_stays_unknown(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credential, "transport", httpx.MockTransport(lambda request: httpx.Response(404)))
    assert answers("badge.json")[1]["signature"] == "unknown"
    large = httpx.MockTransport(lambda request: httpx.Response(200, content=b"x" * (credential.MOST_FETCHED + 1)))
    monkeypatch.setattr(credential, "transport", large)
    assert answers("badge.json")[1]["signature"] == "unknown"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There is nothing in it."),
        (b'{"type": ["VerifiableCredential"', "It is no JSON, or is broken off"),
        (b"x" * 10_000_000, "It is larger than a credential ever is"),
        (b"\x89PNG\r\n\x1a\n", "no credential is baked into it"),
        (b"\xff\xfe\x00", "It is neither text nor"),
    ],
)
def test_what_is_no_credential_is_said_in_a_sentence(content: bytes, sentence: str, post: Post) -> None:
    post.write("odd", content)
    done = verify("odd", "--offline")
    assert done.exit_code == 1
    assert sentence in done.stdout


def test_a_changed_one_is_refused_and_a_missing_file_named(post: Post) -> None:
    changed = (post.folder / "badge.json").read_bytes().replace(b"level-3", b"level-4")
    post.write("badge.json", changed)
    assert answers("badge.json", *GIVEN) == (1, {**ALL_WELL, "signature": "no", "issuer": "unknown"})
    gone = verify("gone.json")
    assert gone.exit_code == 2
    assert "gone.json cannot be read" in gone.stderr
    wrong = verify("badge.json", "--issuer", "badge.json", "--status", "gone.json")
    assert wrong.exit_code == 2
