"""A grader with a store of its own, and the flagship's reference to spoil."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from curriculum.package import ProjectPackage, load
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.verdict import Verdict
from grading.world import Draw

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "projects" / "chargeback-watch"
DRAW = Draw(mechanism=11, draw=12, domain="payments")


@dataclass(frozen=True)
class Grader:
    """Judges trees of the flagship on one world; what was judged once is found again, as on a server."""

    package: ProjectPackage
    facilities: Facilities
    stored: str

    def tree(self, **changes: str | Callable[[str], str] | None) -> str:
        """The reference with these modules of its pipeline replaced, changed or (None) taken away; its digest."""
        reference = self.package.folder / "reference"
        files = {p.relative_to(reference).as_posix(): p.read_bytes() for p in reference.rglob("*.py")}
        for module, change in changes.items():
            path = f"pipeline/{module}.py"
            if change is None:
                del files[path]
            else:
                files[path] = (change if isinstance(change, str) else change(files[path].decode())).encode()
        return self.facilities.store.put_files(files)

    def judge(self, kind: str, **changes: str | Callable[[str], str] | None) -> Verdict:
        return grade(Job(self.stored, kind, self.tree(**changes), DRAW), self.facilities)


@pytest.fixture(scope="session")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Grader:
    """Grades the flagship with less patience than it has by itself, so that what runs for ever ends soon."""
    folder = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("package") / "copy"))
    told = folder / "project.yaml"
    told.write_text(re.sub(r"cpu_s: \d+, wall_s: \d+", "cpu_s: 6, wall_s: 12", told.read_text()))
    facilities = Facilities(Store(tmp_path_factory.mktemp("store")), choose(), ROOT / ".environments")
    return Grader(load(folder), facilities, facilities.store.put(folder))
