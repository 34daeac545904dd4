"""The engine at home: where it keeps things, and that a service can be asked from wherever that is."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from curriculum.package import load
from grading.practice import Asked, choose_local, open_store, practise, read_asked
from grading.sandboxes.bare import Bare
from grading.sandboxes.base import SandboxFault
from grading.store import Store

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"


def test_a_store_with_a_long_name_is_reached_by_a_short_one(tmp_path: Path) -> None:
    far = tmp_path / ("x" * 100) / "store"
    with open_store(far) as store:
        assert len(str(store.root / "scratch" / "bare-12345678" / "work" / "restarted.sock")) < 100
        digest = store.put_files({"a": b"1"})
    assert Store(far).read(digest, "a") == b"1"


@pytest.mark.slow
def test_a_service_is_asked_even_if_its_files_lie_far_down(tmp_path: Path) -> None:
    """The kit's client connects to a socket below the store, through the examiner's own folder."""
    package = tmp_path / "package"
    (package / "deploy").mkdir(parents=True)
    told = (TINY / "project.yaml").read_text().partition("milestones:")[0]
    (package / "project.yaml").write_text(
        told + "milestones:\n  - kind: deploy\n    title: Serve\n    summary: Answer.\n    minutes: 1\n"
        "    serve: app:app\n    restarted: true\n    limits: {cpu_s: 30, wall_s: 120, memory_mb: 512}\n"
    )
    (package / "deploy" / "checks.py").write_text(
        "from grading.kit import check, expect\n\n\n@check(skills=['serve'])\ndef it_answers(produced, truth):\n"
        "    '''It answers.'''\n    for one in (produced.service, produced.restarted):\n"
        "        expect(one.get('/').json == {'ok': True}, 'It does not answer.')\n"
    )
    data = tmp_path / "data"
    for name in ("raw", "truth"):
        (data / name).mkdir(parents=True)
    (data / "facts.json").write_text("{}")
    app = "def app(environ, start):\n    start('200 OK', [])\n    return [b'{\"ok\": true}']\n"
    packed = tmp_path / "tree.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", app)
    far = tmp_path / ("x" * 100) / "store"
    asked = Asked(package, data, packed, "deploy", far, ROOT / ".environments", jail=False)
    assert load(package).kinds == ("deploy",)
    with open_store(far) as store:
        run = practise(asked, store, sys.stderr)
    assert run["outcome"] == "passed", run["sentence"]


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
