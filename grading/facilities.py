"""What a grading process works with: a store, a jail, two interpreters and a place for scratch."""

import hashlib
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from curriculum.package import PackageFault, ProjectPackage, load
from grading.sandboxes.base import Environment, Sandbox
from grading.store import Store
from grading.world import REPOSITORY

# What the examiner reads of this repository inside its jail; a change to any of it may change a verdict.
EXAMINER_ROOMS = ("grading", "worlds", "curriculum")


@dataclass(frozen=True)
class Facilities:
    """`environments` is the folder that holds one virtual environment for each name a package may ask for."""

    store: Store
    sandbox: Sandbox
    environments: Path

    def learner_environment(self, package: ProjectPackage) -> Environment:
        """The interpreter that learners' code runs with, at the digest of its lock."""
        python = self.environments / package.environment / "bin" / "python"
        lock = REPOSITORY / "environments" / package.environment
        if not python.exists() or not lock.is_dir():
            raise PackageFault(f"No environment {package.environment!r} is installed; run scripts/bootstrap.")
        return Environment(python, _digest_of_files(tuple(sorted(lock.glob("*.txt")))))

    @property
    def examiner_environment(self) -> Environment:
        """The interpreter that checks run with: the server's own, at the digest of its lock and of the kit's source."""
        sources = [path for room in EXAMINER_ROOMS for path in sorted((REPOSITORY / room).rglob("*.py"))]
        return Environment(Path(sys.executable), _digest_of_files((REPOSITORY / "requirements.txt", *sources)))

    def package(self, digest: str) -> ProjectPackage:
        """A published package, written out once per process host and read-only from then on."""
        folder = self.store.root / "packages" / digest
        if not folder.is_dir():
            self._write_package(digest, folder)
        return load(folder)

    def _write_package(self, digest: str, folder: Path) -> None:
        folder.parent.mkdir(exist_ok=True)
        fresh = self.store.root / "scratch" / f"package-{digest}-{id(self)}"
        self.store.fetch(digest, fresh)
        try:
            fresh.rename(folder)
        except OSError:  # another process was faster; its copy is the same
            if not folder.is_dir():
                raise


@cache
def _digest_of_files(paths: tuple[Path, ...]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
