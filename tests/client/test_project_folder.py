"""Starting a project, reading briefs, fetching the world."""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from milepost import config, watching

from curriculum.models import Project
from grading.facilities import open_package
from grading.world import make_world
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import Enrolment
from worlds.api import TcpServer

Milepost = Callable[..., Result]


def test_projects_are_listed_for_people_and_for_programs(as_alice: Milepost) -> None:
    assert as_alice("projects").stdout == (
        "tiny  Tiny\n  Five numbers, from a file to a list.\n  2 milestones, about 2 hours\n"
    )
    assert json.loads(as_alice("projects", "--json").stdout)[0]["slug"] == "tiny"


def test_start_enrols_and_unpacks_and_does_not_write_over_anything(as_alice: Milepost) -> None:
    begun = as_alice("start", "tiny")
    assert begun.stdout == ("Tiny: 2 files in tiny.\nGo on with:\n  cd tiny\n  milepost world\n  milepost brief\n")
    assert Path("tiny/pipeline/ingest.py").read_text().startswith("raise SystemExit")
    assert config.find_folder(Path("tiny/pipeline")) == config.ProjectFolder(
        Path("tiny").resolve(), "http://testserver", "tiny"
    )
    again = as_alice("start", "tiny")
    assert (again.exit_code, again.stderr) == (2, "tiny is there already, and not empty.\nName another folder.\n")
    assert as_alice("start", "tiny", "elsewhere", "--json").exit_code == 0
    assert Enrolment.objects.count() == 1


def test_a_folder_with_a_blank_in_its_name_can_be_gone_into(as_alice: Milepost) -> None:
    assert "\n  cd 'my folder'\n" in as_alice("start", "tiny", "my folder").stdout


def test_an_unknown_project_leaves_no_folder(as_alice: Milepost) -> None:
    told = as_alice("start", "tinny")
    assert (told.exit_code, told.stderr) == (2, "There is no project 'tinny'.\nGET /api/projects lists them.\n")
    assert not Path("tinny").exists()


def test_status_tells_where_you_stand_inside_a_project_and_outside(
    as_alice: Milepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert as_alice("status").stdout.startswith("You are in no project yet")
    as_alice("start", "tiny")
    outside = as_alice("status").stdout
    monkeypatch.chdir("tiny")
    inside = as_alice("status").stdout
    assert inside == outside
    assert [line.rstrip() for line in inside.splitlines()] == [
        "Tiny 1.0",
        "  milestone  state",
        "  ingest     Open",
        "  clean      Locked  opens when ingest has passed",
        "  Next is ingest; when it has passed, clean opens. Go on with: milepost brief ingest",
    ]
    assert json.loads(as_alice("status", "--json").stdout)[0]["next"] == "ingest"


def test_a_brief_is_shown_with_what_is_checked(in_tiny: Milepost) -> None:
    told = in_tiny("brief").stdout
    assert "Read the numbers" in told
    assert "• Every line is a number in the list." in told
    assert "{{ checks }}" not in told
    assert "Drop the doubles" in in_tiny("brief", "clean").stdout
    unknown = in_tiny("brief", "cleaning")
    assert (unknown.exit_code, unknown.stderr) == (2, "There is no milestone 'cleaning'; there are ingest, clean.\n")
    assert json.loads(in_tiny("brief", "--json").stdout)["kind"] == "ingest"


def test_commands_of_a_project_say_where_they_belong(as_alice: Milepost) -> None:
    for command in ("brief", "world", "api", "submit", "watch", "open"):
        told = as_alice(command)
        assert (told.exit_code, "`milepost start`" in told.stderr) == (2, True)


def test_a_folder_of_a_project_that_you_are_not_in_says_so(as_alice: Milepost) -> None:
    config.mark_folder(Path(), "http://testserver", "other")
    told = as_alice("status")
    assert (told.exit_code, "You are not enrolled in 'other'" in told.stderr) == (2, True)


def test_the_world_is_waited_for_and_replaces_only_what_it_brings(
    in_tiny: Milepost, tiny: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_it(seconds: float) -> None:
        enrolment = Enrolment.objects.get()
        make_world(open_package(store(), tiny.tree), draw_for(enrolment, PRACTICE), store())

    monkeypatch.setattr(watching, "pause", make_it)
    Path("data/raw").mkdir(parents=True)
    Path("data/raw/old.txt").write_text("old")
    Path("data/mine.txt").write_text("mine")
    told = in_tiny("world")
    assert told.exit_code == 0
    assert told.stdout.startswith("5 files in ")
    files = {path.name: path.read_text() for path in Path("data").rglob("*") if path.is_file()}
    assert files.pop(".world")
    assert sorted(files) == ["edition.json", "extra.json", "facts.json", "mine.txt", "numbers.json", "numbers.txt"]


def test_a_world_that_does_not_come_is_not_your_fault(in_tiny: Milepost) -> None:
    told = in_tiny("world")
    assert (told.exit_code, told.stderr) == (3, "Your practice world is still being made.\nTry again later.\n")


def test_open_shows_the_address(in_tiny: Milepost) -> None:
    assert in_tiny("open").stdout == "http://testserver/projects/tiny/\n"
    assert json.loads(in_tiny("open", "--json").stdout) == {"page": "http://testserver/projects/tiny/"}


def test_the_practice_api_is_served_faults_and_all(in_tiny: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    early = in_tiny("api")
    assert (early.exit_code, early.stderr.splitlines()[-1]) == (2, "milepost world")
    Path("data/raw/api").mkdir(parents=True)
    Path("data/raw/api/extra.json").write_text('[{"number": 5}]')
    answers = []

    def ask(serving: TcpServer, poll_interval: float = 0.5) -> None:
        host, port = serving.server_address
        asking = threading.Thread(target=lambda: answers.append(httpx.get(f"http://{host}:{port}/extra?cursor=0")))
        asking.start()
        serving.handle_request()
        asking.join()

    monkeypatch.setattr(TcpServer, "serve_forever", ask)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = in_tiny("api", "--port", str(port))
    assert (busy.exit_code, "Try another --port." in busy.stderr) == (2, True)
    told = in_tiny("api", "--port", str(port))
    assert f"Give your code --api http://127.0.0.1:{port}" in told.stdout
    assert (answers[0].status_code, answers[0].headers["Retry-After"]) == (429, "1")
