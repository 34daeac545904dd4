"""What a learner's own machine needs to judge as this server does. Never an answer: see PUBLIC.

A bench is the engine's source, the public part of one edition of a project, and the locks of both environments. Its
digest names all of its bytes, so a client that has it already need not fetch it again.
"""

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from django.conf import settings

from curriculum.models import Project
from curriculum.package import KINDS
from grading.facilities import EXAMINER_ROOMS, open_package
from grading.store import Entry, digest_of
from grading.world import REPOSITORY
from people.learners.facilities import store

# What of a package a learner may hold: what asks, and nothing that answers. Hints have their price, and stay here.
PUBLIC = frozenset({"project.yaml", "marks.json"})
PUBLIC_OF_A_MILESTONE = frozenset({"checks.py", "probes.py"})
EXAMINER_LOCK = "environments/examiner/requirements.txt"


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench before it is packed; `about` is what bench.json in it says."""

    digest: str
    about: dict[str, object]
    tree: str
    public: tuple[Entry, ...]
    engine: dict[str, str]


def find_bench(project: Project) -> Bench:
    """The bench of this edition, as this server would judge it now."""
    package = open_package(store(), project.tree)
    environment = package.environment
    about: dict[str, object] = {
        **name_edition(project),
        "milestones": list(package.kinds),
        "environment": environment,
        "python": _python_of(environment),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    public = tuple(entry for entry in store().entries(project.tree) if is_public(entry.path))
    engine = _hash_engine(environment)
    digest = digest_of({"about": about, "engine": engine, "package": {entry.path: entry.sha256 for entry in public}})
    return Bench(digest, about, project.tree, public, engine)


def name_edition(project: Project) -> dict[str, object]:
    """What a bench and a practice world say alike of the edition that they belong to."""
    return {
        "project": project.slug,
        "edition": project.number,
        "version": project.version,
        "package": project.digest,
    }


def is_public(path: str) -> bool:
    """Whether this file of a package may be handed out."""
    first, *rest = PurePosixPath(path).parts
    if not rest:
        return first in PUBLIC
    return (first == "domains" and path.endswith(".yaml")) or (
        first in KINDS and len(rest) == 1 and rest[0] in PUBLIC_OF_A_MILESTONE
    )


def list_members(bench: Bench) -> Iterator[tuple[str, bytes]]:
    """Each file of the bench and its bytes."""
    yield "bench.json", json.dumps({**bench.about, "digest": bench.digest}, indent=2, sort_keys=True).encode() + b"\n"
    for name in sorted(bench.engine):
        yield f"engine/{name}", (REPOSITORY / name).read_bytes()
    for entry in bench.public:
        yield f"package/{entry.path}", store().read(bench.tree, entry.path)


@cache
def _hash_engine(environment: str) -> dict[str, str]:
    """Each file of the engine and its sha256. They do not change while this process lives."""
    sources = [path for room in EXAMINER_ROOMS for path in (REPOSITORY / room).rglob("*.py")]
    locks = [*(REPOSITORY / "environments" / environment).glob("*.txt"), REPOSITORY / EXAMINER_LOCK]
    paths = sorted([*sources, *locks, REPOSITORY / "requirements.txt"])
    return {
        path.relative_to(REPOSITORY).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if not path.is_symlink()
    }


def _python_of(environment: str) -> str:
    """The version of the interpreter that learners' code runs with; empty where this host has none."""
    told = settings.ENVIRONMENTS_DIR / environment / "pyvenv.cfg"
    lines = told.read_text().splitlines() if told.is_file() else []
    found = (line.partition("=")[2].strip() for line in lines if line.partition("=")[0].strip() == "version")
    return next(found, "")
