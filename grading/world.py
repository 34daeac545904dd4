"""Makes a project's worlds and keeps them by digest. Knows not what is in them: a package's data.py does."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from curriculum.package import PackageFault, ProjectPackage
from grading.domain_files import is_brought, read_brought
from grading.measuring import step
from grading.store import Store, StoreFault, digest_of

REPOSITORY = Path(__file__).resolve().parent.parent
SECONDS = 120
# One thread for the linear algebra of every grading process: two on two busy cores cost ten times as much.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Draw:
    """Which world: the mechanism is one learner's for good, the draw gives the rows, the dates and the noise.

    domain: one of the package's, or the name under which `keep_domain` keeps a file that somebody brought.
    seat: the learner's number among those of the project; it sets the mechanism's switches. None: they are drawn.
    """

    mechanism: int
    draw: int
    domain: str
    seat: int | None = None


@dataclass(frozen=True, slots=True)
class World:
    """One draw of a project's data: the digests of its sources and its truth, and the facts commands are told."""

    raw: str
    truth: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest_of(asdict(self))


def find_world(package: ProjectPackage, draw: Draw, store: Store) -> World | None:
    """The world of this draw, if it has been made."""
    kept = store.recall(key_of_world(package, draw))
    return None if kept is None else World(**kept)  # type: ignore[arg-type]


@step("lay_out")
def make_world(package: ProjectPackage, draw: Draw, store: Store) -> World:
    """The world of this draw: found, or made now. Never made twice, so no library changes it under a learner."""
    found = find_world(package, draw, store)
    if found is not None:
        return found
    made = _generate(package, draw, store)
    store.remember(key_of_world(package, draw), asdict(made))
    return made


def adopt_world(package: ProjectPackage, draw: Draw, world: World, store: Store) -> None:
    """Take a world that was made elsewhere for the one of this draw, as a learner's machine does."""
    store.remember(key_of_world(package, draw), asdict(world))


def key_of_world(package: ProjectPackage, draw: Draw) -> str:
    """Under which answer the store remembers the world of this draw."""
    return digest_of({"world": package.data_digest, **asdict(draw)})


def _generate(package: ProjectPackage, draw: Draw, store: Store) -> World:
    with tempfile.TemporaryDirectory(dir=store.root / "scratch") as scratch:
        raw, truth = Path(scratch, "raw"), Path(scratch, "truth")
        raw.mkdir()
        truth.mkdir()
        facts = _run_generator(package, draw, store, raw, truth)
        return World(store.put(raw), store.put(truth), facts)


def _run_generator(package: ProjectPackage, draw: Draw, store: Store, raw: Path, truth: Path) -> dict[str, str]:
    asked = {"package": str(package.folder), "raw": str(raw), "truth": str(truth), **asdict(draw)}
    if is_brought(draw.domain):
        asked["brought"] = _read_brought(package, draw, store)
    told = run_author("grading.forge", asked, f"{package.slug}/data.py made no world for {draw}")
    facts: dict[str, str] = json.loads(told)
    return facts


def _read_brought(package: ProjectPackage, draw: Draw, store: Store) -> str:
    try:
        return read_brought(draw.domain, store)
    except StoreFault as missing:
        raise PackageFault(f"{package.slug}: the domain file {draw.domain} is not kept here.") from missing


def run_author(module: str, asked: Mapping[str, object], fault: str, seconds: float = SECONDS) -> str:
    """What this module of ours says, which lets an author's code work on what is asked, in a process of its own.

    Raises PackageFault, with this sentence and the last words of the author's code, when it does not end well.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=seconds,
            cwd=REPOSITORY,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), **ONE_THREAD},
        )
    except subprocess.TimeoutExpired as late:
        raise PackageFault(f"{fault}: it was still at work after {seconds:.0f} seconds.") from late
    if done.returncode:
        raise PackageFault(f"{fault}: {done.stderr.strip()[-2000:] or f'it was ended with code {done.returncode}.'}")
    return done.stdout
