"""What a learner's machine is given to judge with: enough, and nothing that answers."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from curriculum.models import Project
from curriculum.package import load
from curriculum.publish import publish
from people.accounts.models import User
from people.learners import intake
from people.learners.archives import pack_bench
from people.learners.benches import find_bench, is_public
from people.learners.facilities import store

Api = Callable[[User], APIClient]
ROOT = Path(__file__).resolve().parents[3]
PROJECTS = sorted(path.parent.name for path in (ROOT / "projects").glob("*/project.yaml"))


def names_in(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_a_bench_is_the_engine_the_checks_and_the_locks(
    api: Api, alice: User, tiny: Project, rings: list[object]
) -> None:
    intake.enrol(alice, tiny)
    answer = api(alice).get("/api/projects/tiny/bench")
    names = names_in(answer.content)
    assert [name for name in names if name.startswith("package/")] == [
        "package/clean/checks.py",
        "package/domains/plain.yaml",
        "package/ingest/checks.py",
        "package/project.yaml",
    ]
    assert {"engine/grading/practice.py", "engine/curriculum/package.py", "engine/requirements.txt"} < set(names)
    assert "engine/environments/ml/torch.txt" in names
    about = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("bench.json"))
    assert (about["package"], about["milestones"]) == (tiny.digest, ["ingest", "clean"])
    assert answer.headers["ETag"] == f'"{about["digest"]}"'


def test_who_has_the_newest_bench_is_sent_nothing(api: Api, alice: User, tiny: Project, rings: list[object]) -> None:
    intake.enrol(alice, tiny)
    client = api(alice)
    tag = client.get("/api/projects/tiny/bench").headers["ETag"]
    again = client.get("/api/projects/tiny/bench", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    for other in ('"other"', tag.strip('"')[:-1], f'"x{tag[1:]}'):
        assert client.get("/api/projects/tiny/bench", headers={"If-None-Match": other}).status_code == 200
    among = client.get("/api/projects/tiny/bench", headers={"If-None-Match": f'"other", W/{tag}'})
    assert among.status_code == 304


def test_a_starter_that_one_has_is_not_sent_again(alice: User, tiny: Project, api: Api) -> None:
    client, address = api(alice), "/api/projects/tiny/starter"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get(address, headers={"If-None-Match": '"other"'}).content == first.content


def test_only_who_is_enrolled_gets_one(api: Api, bob: User, tiny: Project) -> None:
    refused = api(bob).get("/api/projects/tiny/bench")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-enrolled")
    assert APIClient().get("/api/projects/tiny/bench").status_code == 401


@pytest.mark.parametrize("slug", PROJECTS)
def test_no_projects_bench_holds_an_answer(slug: str, db: None) -> None:
    package = load(ROOT / "projects" / slug)
    project = publish(package, store().put(package.folder), store().put(package.folder / "starter"))
    bench = find_bench(project)
    names = [name.removeprefix("package/") for name in names_in(pack_bench(bench).read()) if name[:8] == "package/"]
    assert names
    for name in names:
        first, _, last = name.partition("/")
        assert first in {"domains", *package.kinds} if last else name in {"project.yaml", "marks.json"}
    for folder in ("reference", "alternatives", "wrong", "starter"):
        assert not any(folder in name for name in names)
    assert not {"data.py", "proof.json", "design.md"} & set(names)
    assert not any(name.endswith(("hints.md", "brief.md")) for name in names)


def test_what_is_public_is_listed_and_all_else_is_not() -> None:
    for path in ("project.yaml", "marks.json", "domains/a.yaml", "model/checks.py", "deploy/probes.py"):
        assert is_public(path), path
    for path in (
        *("data.py", "reference/pipeline/ingest.py", "wrong/a/model/checks.py", "model/hints.md", "model/answers.py"),
        *(
            "alternatives/x/domains/a.yaml",
            "domains/a.py",
            "model/deeper/checks.py",
            "starter/project.yaml",
            "seeds.json",
        ),
    ):
        assert not is_public(path), path
