"""The client's check and the server's line say the same of the same tree, on the same practice world.

Trees come from the packages: the reference, the starter and the wrong ones. By default one wrong tree each of clean and
deploy is asked about; MILEPOST_AGREEMENT=all asks about every one, and MILEPOST_AGREEMENT=<words> about those whose
name holds one of the words. The server's jail is this host's; the client's is none, which is where they differ most.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from milepost import practice, tree
from milepost.bench import Bench
from milepost.surroundings import look_at

from curriculum.expectations import read_expectations
from curriculum.package import ProjectPackage, load
from curriculum.publish import publish
from grading import examination, pipeline
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.practice import describe
from grading.sandboxes.base import SandboxFault
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.trees import Trees, gather_trees
from grading.world import Draw, make_world
from people.learners.archives import pack_bench
from people.learners.benches import find_bench
from people.learners.facilities import store

ROOT = Path(__file__).resolve().parents[2]
LEARNERS = ROOT / ".environments"
PROJECTS = sorted(path.parent for path in (ROOT / "projects").glob("*/project.yaml"))
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
SKELETON = ROOT / "grading" / "skeleton" / "project"
# A nought behind the seconds of the clock: ten times as many.
PATIENCE = "0"
WANTED = os.environ.get("MILEPOST_AGREEMENT", "")
SAMPLED = ("clean", "deploy")


def list_cases(folder: Path) -> list[tuple[str, str]]:
    """Names of trees, each with the milestone to judge it at."""
    package = load(folder)
    wrong = [(f"wrong/{name}", told.milestone) for name, told in sorted(read_expectations(package).items())]
    if not WANTED:
        wrong = list({kind: (name, kind) for name, kind in reversed(wrong) if kind in SAMPLED}.values())
    cases = [("reference", package.kinds[-1]), ("starter", package.kinds[0]), *wrong]
    if WANTED in ("", "all"):
        return cases
    return [case for case in cases if any(word in case[0] for word in WANTED.split())]


@dataclass(frozen=True)
class Sides:
    """One project's practice world, and the two that judge on it."""

    package: ProjectPackage
    facilities: Facilities
    bench: Bench
    data: Path
    draw: Draw

    def server(self, digest: str, kind: str) -> dict[str, Any]:
        stored = self.facilities.store.put(self.package.folder)
        return describe(grade(Job(stored, kind, digest, self.draw), self.facilities))

    def client(self, digest: str, kind: str, folder: Path) -> dict[str, Any]:
        packed = tree.pack(self.facilities.store.fetch(digest, folder))
        asked = practice.Practice(self.bench, Path(sys.executable), look_at(python_of_learners()), LEARNERS, jail=False)
        return practice.practise(asked, kind, packed.content, self.data, lambda event: None)


@cache
def python_of_learners() -> Path:
    return LEARNERS / "ml" / "bin" / "python"


@cache
def trees_of(package_folder: Path, root: Path) -> Trees:
    return gather_trees(load(package_folder), Store(root))


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("agree")


@pytest.fixture
def sides(room: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Sides]:
    """Both sides of a project; what one of them has judged already, it finds again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(room / "cache"))
    # Whose fault it is the server finds out with the reference, which no learner has; it changes no outcome.
    monkeypatch.setattr(pipeline, "_find_guilty", lambda judging, own, lent: "")
    monkeypatch.setattr(examination, "LIMITS", replace(examination.LIMITS, wall_s=examination.LIMITS.wall_s * 10))
    try:
        jail = choose()
    except SandboxFault as fault:
        pytest.skip(str(fault))

    def set_up(source: Path) -> Sides:
        folder = copy_with_patience(source, room)
        package = load(folder)
        facilities = Facilities(Store(room / "store"), jail, LEARNERS)
        draw = Draw(71, 72, package.domains[0])
        world, data = make_world(package, draw, facilities.store), room / package.slug / "data"
        if not data.exists():
            facilities.store.fetch(world.raw, data / "raw")
            facilities.store.fetch(world.truth, data / "truth")
            (data / "facts.json").write_text(json.dumps(dict(world.facts)))
        project = publish(package, store().put(folder), store().put(folder / "starter"))
        found = find_bench(project)
        place = room / package.slug / found.digest
        if not place.exists():
            with pack_bench(found) as archive:
                tree.unpack(archive, place)
        return Sides(package, facilities, Bench(place, found.about), data, draw)

    return set_up


def copy_with_patience(source: Path, room: Path) -> Path:
    """The package with more time by the clock, so that a busy host ends neither side; seconds of CPU stay."""
    folder = room / "packages" / source.name
    if not folder.exists():
        shutil.copytree(source, folder)
        told = folder / "project.yaml"
        told.write_text(re.sub(r"(wall_s: \d+)", rf"\g<1>{PATIENCE}", told.read_text()))
    return folder


def compare(sides: Sides, name: str, kind: str, folder: Path) -> None:
    trees = trees_of(sides.package.folder, sides.facilities.store.root)
    digest = {"starter": trees.starter, **trees.right, **trees.wrong}[name]
    there, here = sides.server(digest, kind), sides.client(digest, kind, folder)
    assert essence(here) == essence(there), (here["sentence"], there["sentence"], there["digests"].get("cause"))
    for digest_of in ("tree", "world", "environment", "examiner"):
        assert here["digests"][digest_of] == there["digests"][digest_of]
    assert (here["outcome"] == "passed") == (name == "reference")


def essence(run: dict[str, Any]) -> list[object]:
    """What must be equal: each milestone's outcome and every check's answer; not the seconds."""
    links = [
        (link["kind"], str(link["outcome"]), [(check["name"], str(check["answer"])) for check in link["checks"]])
        for link in run["chain"]
    ]
    return [str(run["outcome"]), *links]


@pytest.mark.parametrize(("name", "kind"), [("reference", "clean"), ("starter", "ingest")])
def test_both_say_the_same_of_the_smallest_project(
    name: str, kind: str, sides: Callable[[Path], Sides], tmp_path: Path
) -> None:
    compare(sides(TINY), name, kind, tmp_path / "tree")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "name", "kind"),
    [
        pytest.param(folder, *case, id=f"{folder.name}-{case[0]}")
        for folder in (SKELETON, *PROJECTS)
        for case in list_cases(folder)
    ],
)
def test_both_say_the_same_of_every_project(
    folder: Path, name: str, kind: str, sides: Callable[[Path], Sides], tmp_path: Path
) -> None:
    compare(sides(folder), name, kind, tmp_path / "tree")
