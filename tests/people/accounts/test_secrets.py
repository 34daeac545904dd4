"""What lets somebody in stands in no log and on no command line, at whatever door it was shown."""

import base64
import logging
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from curriculum.models import Project
from people.accounts import api
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import intake

PASSWORD, WRONG = "a long password", "xyzzy-and-no-other"


def test_neither_logs_nor_command_lines_hold_them(
    alice: User,
    tiny: Project,
    rings: list[object],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    ran: list[str] = []
    begin = subprocess.Popen.__init__

    def watch(self: Any, args: Any, *more: Any, **told: Any) -> None:
        ran.append(f"{args} {told.get('env')}")
        begin(self, args, *more, **told)

    monkeypatch.setattr(subprocess.Popen, "__init__", watch)
    intake.enrol(alice, tiny)
    token = issue_token(alice, "git")
    shown = base64.b64encode(f"alice:{token}".encode()).decode()
    secrets = [PASSWORD, WRONG, token, shown, settings.SECRET_KEY, settings.WORLD_SECRET]
    with caplog.at_level(logging.DEBUG):
        client = Client(raise_request_exception=False)
        for password in (WRONG, PASSWORD):
            client.post("/accounts/login/", {"login": "alice", "password": password})
            made = APIClient().post("/api/tokens", {"username": "alice", "password": password})
        secrets.append(made.json()["token"])
        refs = "/git/alice/tiny.git/info/refs?service=git-receive-pack"
        assert client.get(refs, headers={"Authorization": f"Basic {shown}"}).status_code == 200
        assert (
            client.post(
                "/git/alice/tiny.git/git-receive-pack", b"no push", "x", headers={"Authorization": f"Basic {shown}"}
            ).status_code
            >= 400
        )
        assert APIClient().get("/api/me", headers={"Authorization": f"Bearer {token}x"}).status_code == 401

        def stumble(*given: object) -> None:
            raise RuntimeError("a fault of ours")

        # Not even when a view stumbles with a secret in its hands.
        monkeypatch.setattr(api, "issue_token", stumble)
        program = APIClient(raise_request_exception=False)
        assert program.post("/api/tokens", {"username": "alice", "password": PASSWORD}).status_code == 500
    assert "a fault of ours" in caplog.text
    assert any("http-backend" in line for line in ran)
    for secret in secrets:
        assert secret not in caplog.text
        assert not [line for line in ran if secret in line]


def test_a_page_that_stumbles_shows_none(
    alice: User, monkeypatch: pytest.MonkeyPatch, log_in: Callable[[User], Client]
) -> None:
    def stumble(*given: object, **told: object) -> None:
        raise RuntimeError("a fault of ours")

    client = log_in(alice)
    client.raise_request_exception = False
    monkeypatch.setattr("frontend.account.issue_token", stumble)
    page = client.post("/me/tokens/", {"name": "mine", "scopes": "read", "days": "7"})
    assert (page.status_code, "a fault of ours" in page.content.decode()) == (500, False)
