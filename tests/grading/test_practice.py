"""The engine at home: where it keeps things, and that a service can be asked from wherever that is."""

import json
import tempfile
import zipfile
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from grading.practice import Asked, choose_local, practise, read_asked
from grading.sandboxes.bare import Bare
from grading.sandboxes.base import SandboxFault
from grading.store import Store

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"


PROJECT = """
milestones:
  - kind: ingest
    title: Fetch
    summary: Fetch what the source has.
    minutes: 1
    command: python -m fetch --api {api} --out {out}
    produces: {things.json: 1}
    limits: {cpu_s: 30, wall_s: 120, memory_mb: 512}
  - kind: deploy
    title: Serve
    summary: Answer.
    minutes: 1
    serve: app:app
    restarted: true
    limits: {cpu_s: 30, wall_s: 120, memory_mb: 512}
"""
CHECKS = {
    "ingest": """
def all_is_there(produced, truth):
    'All is there.'
    things = json.loads((produced.folder / 'things.json').read_text())
    expect(things['items'] == [1, 2, 3], 'Something is missing.')
""",
    "deploy": """
def it_answers(produced, truth):
    'It answers.'
    for one in (produced.service, produced.restarted):
        expect(one.get('/').json == {'ok': True}, 'It does not answer.')
""",
}
TREE = {
    "app.py": "def app(environ, start):\n    start('200 OK', [])\n    return [b'{\"ok\": true}']\n",
    "fetch.py": """
import sys, time, urllib.error, urllib.request
while True:
    try:
        told = urllib.request.urlopen(sys.argv[2] + "/things?cursor=0").read()
        break
    except urllib.error.HTTPError:
        time.sleep(0.1)
open(sys.argv[4] + "/things.json", "wb").write(told)
""",
}


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """A project with a source that is served and a service that is asked, and a store that lies far down."""
    package, data, packed = tmp_path / "package", tmp_path / "data", tmp_path / "tree.zip"
    for kind, text in CHECKS.items():
        (package / kind).mkdir(parents=True)
        head = "import json\n\nfrom grading.kit import check, expect\n\n\n@check(skills=['clean'])"
        (package / kind / "checks.py").write_text(head + text)
    told = (TINY / "project.yaml").read_text().partition("milestones:")[0]
    (package / "project.yaml").write_text(told + PROJECT)
    (data / "raw" / "api").mkdir(parents=True)
    (data / "raw" / "api" / "things.json").write_text("[1, 2, 3]")
    (data / "truth").mkdir()
    (data / "facts.json").write_text("{}")
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in TREE.items():
            archive.writestr(name, content)
    far = tmp_path / ("x" * 150) / "store"
    return Asked(package, data, packed, "deploy", far, ROOT / ".environments")


@pytest.mark.slow
@pytest.mark.parametrize("jail", [True, False])
def test_services_and_sources_are_asked_even_if_the_store_lies_far_down(jail: bool, asked: Asked) -> None:
    """Every socket of a run lies below the store, and its address would be longer than 107 letters."""
    store = Store(asked.store)
    if jail and isinstance(choose_local(jail, store.root / "scratch"), Bare):
        pytest.skip("no jail can be built here")
    run = practise(replace(asked, jail=jail), store, StringIO())
    assert run["outcome"] == "passed", run["sentence"]
    assert list((store.root / "scratch").iterdir()) == []


@pytest.mark.slow
def test_a_long_folder_for_what_is_passing_is_no_hindrance(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = tmp_path / ("y" * 100)
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    assert practise(replace(asked, jail=False), Store(asked.store), StringIO())["outcome"] == "passed"


def test_what_is_asked_is_read_with_its_paths() -> None:
    told = {name: f"/{name}" for name in ("package", "data", "tree", "store", "environments")}
    asked = read_asked(json.dumps({**told, "kind": "clean", "jail": False}))
    assert (asked.store, asked.kind, asked.jail, asked.again) == (Path("/store"), "clean", False, False)


def test_without_a_jail_that_holds_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(environ: object) -> None:
        raise SandboxFault("no namespaces here")

    monkeypatch.setattr("grading.practice.choose", refuse)
    assert isinstance(choose_local(True, tmp_path), Bare)
    assert isinstance(choose_local(False, tmp_path), Bare)
