"""The command line and a server that really listens: from a log-in to a check at home."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from milepost import server
from pytest_django.live_server_helper import LiveServer

from curriculum.models import Project
from frontend.wheel import wheel_name
from grading.facilities import open_package
from grading.world import make_world
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import Enrolment, Submission

Milepost = Callable[..., Result]
REFERENCE = Path(__file__).resolve().parents[1] / "fixtures" / "packages" / "tiny" / "reference"


@pytest.mark.django_db(transaction=True)
def test_a_learners_day_over_real_http(
    live_server: LiveServer, milepost: Milepost, alice: User, tiny: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "transport", None)
    monkeypatch.setenv("MILEPOST_EXAMINER", sys.executable)
    assert milepost("login", live_server.url, "--token", issue_token(alice, "test")).exit_code == 0
    assert milepost("start", "tiny").exit_code == 0
    monkeypatch.chdir("tiny")
    shutil.copytree(REFERENCE, ".", dirs_exist_ok=True)
    make_world(open_package(store(), tiny.tree), draw_for(Enrolment.objects.get(), PRACTICE), store())

    checked = milepost("check", "clean", "--json", "--no-jail", "--python", sys.executable)
    assert (checked.exit_code, json.loads(checked.stdout)["run"]["outcome"]) == (0, "passed")
    assert milepost("submit", "--no-wait", "-m", "all of it").exit_code == 0
    assert Submission.objects.get().tree == json.loads(checked.stdout)["tree"]
    assert milepost("status").stdout.endswith("Go on with: milepost watch\n")

    with Path("client.whl").open("wb") as wheel:
        server.Server(live_server.url).download(f"/client/{wheel_name()}", wheel, lambda come, total: None)
    assert Path("client.whl").read_bytes()[:2] == b"PK"
