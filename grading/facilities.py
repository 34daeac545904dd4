"""What a grading process works with: a store, a jail, two interpreters and a place for scratch."""

import hashlib
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from curriculum.package import PackageFault, ProjectPackage, load
from grading.sandboxes.base import Environment, Sandbox
from grading.sandboxes.flavours import read_flavours
from grading.store import Store
from grading.world import REPOSITORY

# What the examiner reads of this repository inside its jail; a change to any of it may change a verdict.
EXAMINER_ROOMS = ("grading", "worlds", "curriculum")
# What checks import, and what every examination does.
EXAMINER_MODULES = ("grading.kit", "grading.authors", "grading.inside")


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
        digest = _digest_of_files(tuple(sorted(lock.glob("*.txt"))))
        return Environment(python, digest, read_flavours(lock / "warm.txt"))

    @cached_property
    def examiner_environment(self) -> Environment:
        """The interpreter that checks run with: the server's own, at the digest of its lock and of the kit's source."""
        sources = [path for room in EXAMINER_ROOMS for path in sorted((REPOSITORY / room).rglob("*.py"))]
        digest = _digest_of_files((REPOSITORY / "requirements.txt", *sources))
        return Environment(Path(sys.executable), digest, (EXAMINER_MODULES,))

    def package(self, digest: str) -> ProjectPackage:
        """A published package, written out once per process host and read-only from then on."""
        return open_package(self.store, digest)

    def select_checks(self, package: ProjectPackage) -> str:
        """The digest of the part of a package that its checks are given, and that names what they say."""
        return _select_checks(self.store, package.folder, package.read_by_checks, package.checks_digest)

    def lay_out_checks(self, package: ProjectPackage) -> Path:
        """That part, in one place for every examination, so that those that wait together can share a jail."""
        return _lay_out_folder(self.store, self.select_checks(package))


def open_package(store: Store, digest: str) -> ProjectPackage:
    """The package that is kept under this digest; it needs no jail and no environment, so the web may ask too."""
    return _load_once(_lay_out_folder(store, digest))


@cache
def _load_once(folder: Path) -> ProjectPackage:
    """The folder's name is the digest of what is in it: it is read again by the next process, not by the next run."""
    return load(folder)


def keep_checks(store: Store, package: ProjectPackage) -> str:
    """The digest of the part of a package that its checks are given, which is newly kept."""
    return _put_checks(store, package.folder, package.read_by_checks)


def _lay_out_folder(store: Store, digest: str) -> Path:
    folder = store.root / "packages" / digest
    if not folder.is_dir():
        _write_folder(store, digest, folder)
    return folder


def _write_folder(store: Store, digest: str, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=store.root / "scratch", prefix="package-")) / digest
    store.fetch(digest, fresh)
    try:
        fresh.rename(folder)
    except OSError:  # another process was faster; its copy is the same
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(fresh.parent, ignore_errors=True)


@cache
def _select_checks(store: Store, folder: Path, paths: tuple[str, ...], digest: str) -> str:
    """`digest` names the files' bytes: as long as it is the same, they are not read again."""
    return _put_checks(store, folder, paths)


def _put_checks(store: Store, folder: Path, paths: tuple[str, ...]) -> str:
    return store.put_files({path: (folder / path).read_bytes() for path in paths})


@cache
def _digest_of_files(paths: tuple[Path, ...]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
