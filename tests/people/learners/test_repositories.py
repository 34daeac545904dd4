"""Every way in makes a commit; who may read it, and taking all of it home."""

import io
import json
import subprocess
import zipfile
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.facilities import open_package
from grading.verdict import Verdict
from grading.world import make_world
from people.accounts.models import AccessToken, User
from people.accounts.tokens import issue_token
from people.learners import git, intake, repositories
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.git import run_git
from people.learners.models import Enrolment, Run, Submission
from people.learners.refusals import Refusal
from people.learners.repositories import open_repository, read_head, write_commit
from tests.people.learners.conftest import GIT_ENVIRONMENT, PIPELINE, Clone

Zip = Callable[[dict[str, str]], bytes]
REFS = "/git/alice/tiny.git/info/refs?service=git-upload-pack"


def log_of(enrolment: Enrolment, form: str = "%an <%ae>: %s") -> list[str]:
    return run_git(open_repository(enrolment), "log", f"--format={form}", "main").decode().splitlines()


def show(enrolment: Enrolment, commit: str, path: str) -> str:
    return run_git(open_repository(enrolment), "show", f"{commit}:{path}").decode()


def test_a_repository_begins_with_the_starter(enrolled: Enrolment) -> None:
    assert log_of(enrolled) == ["Milepost <milepost@milepost.invalid>: Begin Tiny from its starter"]
    assert log_of(enrolled, "%at") == [str(int(enrolled.started_at.timestamp()))]
    starter = enrolled.project.starter
    assert show(enrolled, "main", "pipeline/ingest.py").encode() == store().read(starter, "pipeline/ingest.py")


def test_of_two_who_begin_it_at_once_both_find_one(enrolled: Enrolment) -> None:
    with ThreadPoolExecutor(4) as many:
        places = list(many.map(lambda _: open_repository(enrolled), range(4)))
    assert len(set(places)) == 1
    assert [path.name for path in places[0].parent.glob("new-*")] == []


def test_an_upload_over_the_api_is_a_commit_with_its_message(
    api: Callable[[User], APIClient], alice: User, enrolled: Enrolment, zip_of: Zip
) -> None:
    alice.email = "alice@example.org"
    alice.save()
    upload = SimpleUploadedFile("tree.zip", zip_of(PIPELINE))
    sent = {"tree": upload, "message": "Drop doubles\x1b[2J\n\nThey came twice."}
    told = api(alice).post("/api/projects/tiny/milestones/ingest/submissions", sent, format="multipart").json()
    assert log_of(enrolled)[0] == "Alice <alice@example.org>: Drop doubles[2J"
    assert told["commit"] == read_head(open_repository(enrolled)) == Submission.objects.get().commit
    assert show(enrolled, told["commit"], "pipeline/ingest.py") == "print(5)"


def test_an_upload_on_the_web_is_a_commit_too_and_the_same_files_are_not_another(
    log_in: Callable[[User], Client], alice: User, enrolled: Enrolment, zip_of: Zip
) -> None:
    client = log_in(alice)
    for _ in range(2):
        upload = SimpleUploadedFile("tree.zip", zip_of({**PIPELINE, 'odd "name" é.py': "1"}))
        client.post("/projects/tiny/milestones/ingest/submit/", {"archive": upload, "message": ""})
    assert log_of(enrolled)[0] == "Alice <alice@learners.milepost.invalid>: Hand in ingest"
    assert len(log_of(enrolled)) == 2
    first, second = Submission.objects.order_by("number")
    assert first.commit == second.commit
    assert show(enrolled, "main", 'odd "name" é.py') == "1"


def test_what_cannot_be_written_down_moves_nothing(enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    head = read_head(open_repository(enrolled))
    monkeypatch.setattr(intake.ledger, "enqueue", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        intake.submit(enrolled, "ingest", {"main.py": b"1"}, "web")
    assert (read_head(open_repository(enrolled)), Submission.objects.count()) == (head, 0)


def test_main_only_moves_from_where_it_stands(enrolled: Enrolment) -> None:
    repository = open_repository(enrolled)
    commits = [write_commit(repository, {"main.py": text}, ("A", "a@b"), "x") for text in (b"1", b"2")]
    repositories.advance(repository, commits[0])
    moved = run_git(repository, "rev-parse", "main").decode().strip()
    assert moved == commits[0]
    with pytest.raises(git.GitFault):
        run_git(repository, "update-ref", "refs/heads/main", commits[1], commits[1])


def knock(user: User | None, address: str = REFS, token: str = "") -> Response:
    shown = token or (issue_token(user, "git") if user else "")
    headers = {"Authorization": "Basic " + b64encode(f"any:{shown}".encode()).decode()} if shown else {}
    return Client(headers=headers).get(address)  # type: ignore[return-value]


def test_only_its_learner_sees_a_repository(
    enrolled: Enrolment, alice: User, bob: User, charlie: User, tiny: Project
) -> None:
    assert knock(alice).status_code == 200
    intake.enrol(bob, tiny)
    for other in (bob, charlie):
        for address in (REFS, REFS.replace("upload", "receive"), REFS.replace("tiny", "none")):
            refused = knock(other, address)
            assert (refused.status_code, refused.content) == (404, b"There is no such repository of yours.\n")
    assert knock(bob, REFS.replace("alice", "bob")).status_code == 200


def test_who_shows_no_good_token_is_asked_for_one(
    enrolled: Enrolment, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    old = issue_token(alice, "old")
    AccessToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    for token in ("", "mlp_wrong", old, "a long password"):
        refused = knock(None, token=token)
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"] == 'Basic realm="Milepost", charset="UTF-8"'
    for header in (
        "Basic",
        "Basic %%%",
        "Bearer " + issue_token(alice, "x"),
        "Basic " + b64encode(b"\xff:\xff").decode(),
    ):
        assert Client(headers={"Authorization": header}).get(REFS).status_code == 401
    told = [record.getMessage() for record in caplog.records if not record.name.startswith("people.operators")]
    assert told == [], "git always asks without one first"


def test_only_what_git_asks_for_is_answered(enrolled: Enrolment, alice: User) -> None:
    assert knock(alice, "/git/alice/tiny.git/info/refs").status_code == 403
    assert knock(alice, "/git/alice/tiny.git/info/refs?service=git-shell").status_code == 403
    assert knock(alice, "/git/alice/tiny.git/git-upload-pack").status_code == 405
    for path in ("HEAD", "config", "objects/info/packs", "../bob/tiny.git/HEAD"):
        assert knock(alice, f"/git/alice/tiny.git/{path}").status_code == 404


def test_the_page_and_the_api_say_where_to_clone_from(
    log_in: Callable[[User], Client], api: Callable[[User], APIClient], alice: User, enrolled: Enrolment
) -> None:
    address = "http://testserver/git/alice/tiny.git"
    assert f"git clone {address}" in log_in(alice).get("/projects/tiny/").content.decode()
    assert f"git clone {address}" in log_in(alice).get("/me/").content.decode()
    assert api(alice).get("/api/enrolments").json()["results"][0]["repository"] == address


def unzip(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_all_of_it_can_be_taken_home(
    log_in: Callable[[User], Client],
    api: Callable[[User], APIClient],
    alice: User,
    enrolled: Enrolment,
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    run = intake.submit(enrolled, "ingest", {path: text.encode() for path, text in PIPELINE.items()}, "web", "Mine")
    conclude(run, passed_ingest)
    intake.submit(enrolled, "clean", {"README.md": b"Read", "pipeline/clean.py": b"6"}, "web")
    taken = unzip(log_in(alice).get("/projects/tiny/export.zip").content)
    assert taken["files/pipeline/clean.py"] == b"6"
    assert b"still being made" in taken["world/README.txt"]
    first = json.loads(taken["reports/0001-ingest.json"])
    assert (first["number"], first["run"]["outcome"]) == (1, "passed")
    assert first["run"]["chain"][0]["checks"][0]["name"] == "every_line_is_there"
    assert json.loads(taken["reports/0002-clean.json"])["run"]["state"] == "queued"
    (tmp_path / "repository.bundle").write_bytes(taken["repository.bundle"])
    subprocess.run(
        ["git", "clone", "--quiet", "repository.bundle", "home"], cwd=tmp_path, env=GIT_ENVIRONMENT, check=True
    )
    assert Clone(tmp_path / "home", "")("log", "--format=%s") == "Hand in clean\nMine\nBegin Tiny from its starter"
    assert unzip(api(alice).get("/api/projects/tiny/export").content).keys() == taken.keys()


def test_the_practice_world_is_in_it_once_it_is_made(
    log_in: Callable[[User], Client], alice: User, enrolled: Enrolment
) -> None:
    package = open_package(store(), enrolled.project.tree)
    make_world(package, draw_for(enrolled, PRACTICE), store())
    make_world(package, draw_for(enrolled, 1), store())
    taken = unzip(log_in(alice).get("/projects/tiny/export.zip").content)
    assert {name for name in taken if name.startswith("world/")} == {
        "world/edition.json",
        "world/facts.json",
        "world/raw/api/extra.json",
        "world/raw/numbers.txt",
        "world/truth/numbers.json",
    }


def test_nobody_takes_home_what_is_not_theirs(
    log_in: Callable[[User], Client], api: Callable[[User], APIClient], enrolled: Enrolment, charlie: User
) -> None:
    assert Client().get("/projects/tiny/export.zip").status_code == 302
    assert log_in(charlie).get("/projects/tiny/export.zip").status_code == 404
    assert api(charlie).get("/api/projects/tiny/export").json()["code"] == "not-enrolled"


def test_many_small_commits_are_packed_by_git(enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(git.ENVIRONMENT, "GIT_CONFIG_COUNT", str(len(git.CONFIGURATION) + 1))
    monkeypatch.setitem(git.ENVIRONMENT, f"GIT_CONFIG_KEY_{len(git.CONFIGURATION)}", "gc.auto")
    monkeypatch.setitem(git.ENVIRONMENT, f"GIT_CONFIG_VALUE_{len(git.CONFIGURATION)}", "1")
    for number in range(4):
        intake.submit(enrolled, "ingest", {f"m{n}.py": b"%d %d" % (n, number) for n in range(200)}, "web")
    assert len(list(open_repository(enrolled).glob("objects/pack/*.pack"))) >= 1
    assert len(log_of(enrolled)) == 5


def test_what_a_killed_process_left_does_not_stand_in_the_way(
    enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = open_repository(enrolled)
    left = repository.parent.parent / "incoming-left"
    left.mkdir()
    for lock in ("refs/heads/main.lock", "packed-refs.lock"):
        (repository / lock).touch()
    intake.submit(enrolled, "ingest", {"main.py": b"1"}, "web")
    assert len(log_of(enrolled)) == 2
    with repositories.quarantine(repository):
        assert left.exists(), "it may be at work"
    monkeypatch.setattr(repositories, "ABANDONED_S", 0)
    with repositories.quarantine(repository):
        assert not left.exists()


def test_a_repository_has_an_end_whatever_way_it_is_filled(
    enrolled: Enrolment, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MILEPOST_TREE_MB = 1
    monkeypatch.setattr(repositories, "REPOSITORY_TIMES", 1)
    with pytest.raises(Refusal, match="Your repository would be larger than 1 MB"):
        intake.submit(enrolled, "ingest", {"main.py": b"1" * 2**20}, "web")
    assert Submission.objects.count() == 0
