"""Logging in, and which server a token goes to."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from click.testing import Result
from milepost import config, server

from people.accounts.models import AccessToken, User
from people.accounts.tokens import issue_token

ADDRESS = "http://testserver"
Milepost = Callable[..., Result]


def test_a_password_is_traded_for_a_token_that_only_its_owner_can_read(milepost: Milepost, alice: User) -> None:
    wrong = milepost("login", ADDRESS, typed="alice\na wrong password\n")
    assert (wrong.exit_code, "do not match" in wrong.stderr) == (2, True)
    assert not config.config_file().exists()
    done = milepost("login", ADDRESS + "/", typed="alice\na long password\n")
    assert done.exit_code == 0
    assert done.stdout.endswith("Logged in at http://testserver as alice.\n")
    assert "a long password" not in done.output
    assert config.config_file().stat().st_mode & 0o777 == 0o600
    assert AccessToken.objects.get().name.startswith("milepost on ")
    assert milepost("projects").exit_code == 0


def test_a_second_factor_is_asked_for(milepost: Milepost, alice: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    wrong = milepost("login", ADDRESS, typed="alice\na long password\n000000\n")
    assert (wrong.exit_code, "Incorrect code" in wrong.stderr) == (2, True)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    done = milepost("login", ADDRESS, typed=f"alice\na long password\n{code}\n")
    assert (done.exit_code, "Code of your authenticator app" in done.stderr) == (0, True)
    assert alice.tokens.count() == 1


def test_a_token_is_tried_before_it_is_kept(milepost: Milepost, alice: User) -> None:
    wrong = milepost("login", ADDRESS, "--token", "mlp_wrong")
    assert (wrong.exit_code, "unknown, expired or revoked" in wrong.stderr) == (2, True)
    assert not config.config_file().exists()
    good = milepost("login", ADDRESS, "--token", issue_token(alice, "test"), "--json")
    assert json.loads(good.stdout) == {"server": ADDRESS, "username": "alice"}


def test_a_password_that_others_could_read_on_the_way_is_warned_of(milepost: Milepost, alice: User) -> None:
    assert "not encrypted" in milepost("login", ADDRESS, "--token", "x").stderr
    assert not config.travels_in_clear("http://localhost:8000")
    assert not config.travels_in_clear("https://milepost.example")


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://host", "http://", ""])
def test_what_is_no_web_address_is_refused(milepost: Milepost, address: str) -> None:
    refused = milepost("login", address, "--token", "x")
    assert refused.exit_code == 2
    assert "for example http://localhost:8000" in refused.stderr


def test_who_is_not_logged_in_is_told_how(milepost: Milepost) -> None:
    told = milepost("projects")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr == "You are not logged in anywhere.\nmilepost login http://…\n"
    assert json.loads(milepost("projects", "--json").stdout)["error"]["code"] == "not-logged-in"


def test_the_environment_goes_before_what_was_kept(
    milepost: Milepost, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILEPOST_SERVER", ADDRESS)
    monkeypatch.setenv("MILEPOST_TOKEN", issue_token(alice, "test"))
    assert milepost("projects", "--json").exit_code == 0


def test_a_folder_cannot_lure_the_environments_token_to_its_own_server(
    milepost: Milepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    lure = httpx.MockTransport(lambda request: asked.append(str(request.url)) or httpx.Response(200, json={}))
    monkeypatch.setattr(server, "transport", lure)
    monkeypatch.setenv("MILEPOST_TOKEN", "mlp_secret")
    config.mark_folder(Path(), "http://stranger.example", "tiny")
    refused = milepost("status")
    assert (refused.exit_code, asked) == (2, [])
    assert "Set MILEPOST_SERVER=http://stranger.example as well, if you trust that address." in refused.stderr


@pytest.mark.parametrize(
    ("answer", "exit_code", "words"),
    [
        (httpx.Response(500, text="<h1>500</h1>"), 3, "had a fault of its own (500)"),
        (httpx.Response(200, text="<h1>Welcome</h1>"), 3, "does not speak as a Milepost server does"),
        (httpx.Response(404, text="<h1>404</h1>"), 3, "does not speak as a Milepost server does"),
        (httpx.Response(403, json={"error": "no"}), 3, "does not speak as a Milepost server does"),
        (httpx.Response(301, headers={"Location": "https://testserver/"}), 2, "sends us on to https://testserver/"),
    ],
)
def test_a_server_that_is_not_itself_is_no_traceback(
    milepost: Milepost, monkeypatch: pytest.MonkeyPatch, answer: httpx.Response, exit_code: int, words: str
) -> None:
    monkeypatch.setattr(server, "transport", httpx.MockTransport(lambda request: answer))
    told = milepost("login", ADDRESS, "--token", "x")
    assert (told.exit_code, words in told.stderr) == (exit_code, True)


def test_a_server_that_is_not_there_is_3(milepost: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    monkeypatch.setattr(server, "transport", httpx.MockTransport(refuse))
    told = milepost("login", ADDRESS, "--token", "x")
    assert (told.exit_code, "cannot be reached: Connection refused" in told.stderr) == (3, True)


def test_a_spoilt_configuration_says_what_to_do(milepost: Milepost) -> None:
    config.config_file().parent.mkdir(parents=True)
    config.config_file().write_text("[]")
    told = milepost("projects")
    assert (told.exit_code, "Delete it and log in again." in told.stderr) == (2, True)
