"""What an examination is found by: all that checks can read, and nothing that they cannot."""

import json
import shutil
from pathlib import Path

import pytest

from curriculum.package import load
from grading import inside
from grading.examination import Exhibit, ask_checks
from grading.facilities import Facilities
from grading.judging import Judging
from grading.sandboxes.base import Command, Exit, Reason
from grading.store import Store
from grading.world import World

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"


class Examiner:
    """Plays the examiner's jail: has no answers, and remembers which package it was shown."""

    layers = ("none",)

    def __init__(self) -> None:
        self.shown: list[Path] = []

    def run(self, command: Command) -> Exit:
        self.shown += [mount.source for mount in command.mounts if mount.target == inside.PACKAGE]
        (command.collect / "results.json").write_text(json.dumps({"answers": []}))  # type: ignore[operator]
        return Exit(Reason.FINISHED, 0, 1, 1, 1)


class Desk:
    """One artefact of a package that somebody is writing, examined as often as asked."""

    def __init__(self, folder: Path) -> None:
        self.package = Path(shutil.copytree(TINY, folder / "package"))
        self.examiner = Examiner()
        self.facilities = Facilities(Store(folder / "store"), self.examiner, folder)  # type: ignore[arg-type]

    def write(self, path: str, text: str = "more\n") -> None:
        place = self.package / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text((place.read_text() if place.exists() else "") + text)

    def examine(self) -> list[Path]:
        """Which packages the examiner was shown by now."""
        package, nothing = load(self.package), self.facilities.store.put_files({})
        world = World(nothing, nothing)
        judging = Judging(package, package.milestone("clean"), world, nothing, {}, self.facilities)
        ask_checks(judging, Exhibit(nothing))
        return self.examiner.shown


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    assert len(desk.examine()) == 1
    return desk


@pytest.mark.parametrize(
    "path",
    [
        "wrong/clean-adds-one/expect.yaml",
        "alternatives/polars/pipeline/clean.py",
        "reference/pipeline/clean.py",
        "starter/pipeline/ingest.py",
        "clean/brief.md",
        "clean/hints.md",
        "design.md",
        "README.md",
        "proof.json",
        "clean/__pycache__/checks.cpython-311.pyc",
    ],
)
def test_what_no_check_can_read_leaves_an_examination_found(desk: Desk, path: str) -> None:
    desk.write(path)
    assert len(desk.examine()) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("clean/checks.py", "# changed\n"),
        ("clean/tables.py", "# a module of the author's own\n"),
        ("ingest/probes.py", "# changed\n"),
        ("marks.json", "{}\n"),
        ("domains/plain.yaml", "# changed\n"),
        ("data.py", "# changed\n"),
        ("project.yaml", "# changed\n"),
    ],
)
def test_what_a_check_can_read_has_it_examined_anew(desk: Desk, path: str, text: str) -> None:
    desk.write(path, text)
    shown = desk.examine()
    assert len(set(shown)) == 2
    assert (shown[1] / path).read_text().endswith(text)


def test_the_examiner_is_shown_what_checks_can_read_and_no_more(desk: Desk) -> None:
    desk.write("proof.json")
    desk.write("wrong/clean-adds-one/expect.yaml")
    [shown] = desk.examine()
    files = {path.relative_to(shown).as_posix() for path in shown.rglob("*") if path.is_file()}
    assert files == {"project.yaml", "data.py", "domains/plain.yaml", "ingest/checks.py", "clean/checks.py"}


def test_other_examinations_of_the_same_package_are_shown_the_same_folder(desk: Desk) -> None:
    package, store = load(desk.package), desk.facilities.store
    for text in (b"a", b"b"):
        artefact = store.put_files({"numbers.json": text})
        judging = Judging(package, package.milestone("clean"), World("", artefact), "", {}, desk.facilities)
        ask_checks(judging, Exhibit(artefact))
    assert len(desk.examiner.shown) == 3
    assert len(set(desk.examiner.shown)) == 1
