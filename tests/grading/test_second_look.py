"""What checks may see besides artefacts: a second instance of a service, the sources as text, a stream that is late."""

import shutil
from pathlib import Path

import pytest

from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.verdict import Answer, Outcome
from grading.world import Draw

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"

MILESTONES = """
milestones:
  - kind: deploy
    title: Count
    summary: Say a number.
    minutes: 1
    serve: app:app
    restarted: true
    sources: true
    limits: {cpu_s: 5, wall_s: 20, memory_mb: 256}
  - kind: monitor
    title: Watch
    summary: Look at the stream.
    minutes: 1
    command: python -m watch --stream {stream} --out {out}
    produces: {seen.json: 1}
    limits: {cpu_s: 5, wall_s: 10, memory_mb: 256}
"""
ASK = '''
from grading.kit import Produced, Truth, check, expect

@check(skills=["serve"])
def a_fresh_instance_answers_the_same(produced: Produced, truth: Truth) -> None:
    """A restart changes no answer."""
    first, again = produced.service.get("/").json, produced.service.get("/").json
    other = produced.restarted.get("/").json
    expect(again == other, f"Asked twice, the service said {first} and {again}; a fresh one says {other}.")

@check(skills=["observe-and-test"])
def the_source_is_read_and_not_run(produced: Produced, truth: Truth) -> None:
    """The sources are texts."""
    expect("def app" in produced.sources["app.py"], "app.py has no app.")
'''
SEEN = '''
from grading.kit import Produced, Truth, check, document, expect

@check(skills=["observe-and-test"])
def the_stream_alone_is_seen(produced: Produced, truth: Truth) -> None:
    """The stream is there."""
    seen = document(produced, "seen.json", fields={"files": "list"})["files"]
    expect(seen == ["week-1.txt"], f"It saw {seen}.")
'''
APP = """
COUNTED = [0]
def app(environ, start_response):
    COUNTED[0] += STEP
    start_response("200 OK", [("Content-Type", "application/json")])
    return [str(COUNTED[0]).encode()]
"""
WATCH = """
import argparse, json, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--stream", type=pathlib.Path)
parser.add_argument("--out", type=pathlib.Path)
told = parser.parse_args()
files = sorted(path.relative_to(told.stream).as_posix() for path in told.stream.rglob("*"))
(told.out / "seen.json").write_text(json.dumps({"files": files}))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(TINY, tmp_path / "package"))
    told = folder / "project.yaml"
    told.write_text(told.read_text().partition("milestones:")[0] + MILESTONES)
    for kind, source in (("deploy", ASK), ("monitor", SEEN)):
        (folder / kind).mkdir()
        (folder / kind / "checks.py").write_text(source)
    data = folder / "data.py"
    stream = '    (raw / "stream").mkdir()\n    (raw / "stream" / "week-1.txt").write_text("drift")\n'
    data.write_text(data.read_text().replace("    (truth /", stream + "    (truth /", 1))
    return folder


def test_a_service_is_asked_again_after_a_fresh_start_and_the_stream_comes_last(package: Path, tmp_path: Path) -> None:
    facilities = Facilities(Store(tmp_path / "store"), choose(), ROOT / ".environments")
    stored = facilities.store.put(package)
    draw = Draw(1, 2, "plain")
    trees = [
        facilities.store.put_files({"app.py": APP.replace("STEP", step).encode(), "watch.py": WATCH.encode()})
        for step in ("0", "1")
    ]

    steady, forgetful = (
        grade(Job(stored, kind, tree, draw), facilities)
        for kind, tree in zip(("monitor", "deploy"), trees, strict=True)
    )

    assert steady.outcome is Outcome.PASSED, steady.sentence
    assert forgetful.outcome is Outcome.FAILED
    assert forgetful.sentence == "Asked twice, the service said 1 and 2; a fresh one says 1."
    assert [result.answer for result in forgetful.own.results] == [Answer.FAILED, Answer.HELD]
