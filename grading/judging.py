"""One milestone being judged on one tree, and the folders that its runs see. Knows not what is concluded."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from curriculum.package import MilestoneSpec, PackageFault, ProjectPackage
from grading import inside
from grading.facilities import Facilities
from grading.reach import reach
from grading.sandboxes.base import Limits, Mount
from grading.store import Store
from grading.world import World

API = "http://127.0.0.1:8100"
PORT = "8000"
SEED = "7"
MOST_SOURCES = 1_000_000
# Where this host keeps its libraries is nobody's business, and not what a learner looks for in a traceback.
LIBRARIES = r"(?<=File \")/\S*?/lib/python3\.\d+/(site-packages/)?"
LIBRARY = "…/"
STEP, OUTPUT = "step", "output"


class Report(Protocol):
    """Hears what happens. `kind`: a step, their code's own output (untrusted), or what a check answered (an Answer)."""

    def __call__(self, milestone: str, text: str, kind: str = STEP, /) -> None: ...


def be_silent(milestone: str, text: str, kind: str = STEP, /) -> None:
    """The report of a grader that nobody watches."""


def name_files_as_they_do(said: str) -> str:
    """What their code printed, with their own files named as they name them, and libraries' files marked as such."""
    return re.sub(LIBRARIES, LIBRARY, said.replace(f"{inside.TREE}/", ""))


def limits_of(milestone: MilestoneSpec) -> Limits:
    """What a run of this milestone may use: what its package says, and where it says nothing, what is usual."""
    whole = {name: value if name.endswith("_s") else int(value) for name, value in milestone.limits.items()}
    return replace(Limits(), **whole)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Judging:
    """What a milestone is judged on: the tree, the world, and the artefact of each milestone before it, by digest."""

    package: ProjectPackage
    milestone: MilestoneSpec
    world: World
    tree: str
    upstream: Mapping[str, str]
    facilities: Facilities
    report: Report = be_silent

    def say(self, text: str) -> None:
        self.report(self.milestone.kind, text)

    def hear(self, said: str) -> None:
        """What their code printed lately, while it runs."""
        self.report(self.milestone.kind, name_files_as_they_do(said), OUTPUT)

    def on(self, *, tree: str | None = None, upstream: Mapping[str, str] | None = None) -> "Judging":
        """The same milestone and world with another tree or other upstream artefacts, in silence."""
        given = self.upstream if upstream is None else upstream
        return replace(self, tree=tree or self.tree, upstream=given, report=be_silent)

    @cached_property
    def limits(self) -> Limits:
        return limits_of(self.milestone)

    def reach_tree(self, entry: str) -> str:
        """The digest of the part of the tree that this module can use; a run of it is given no more than that."""
        store = self.facilities.store
        # Only the paths are remembered: the part itself may be cleared out of the store while this process lives on.
        return store.select(self.tree, _reach(store, self.tree, entry))

    def read_sources(self) -> dict[str, str]:
        """The tree's Python files as texts, as many as fit: data for checks that look at code and run none of it."""
        store, texts, left = self.facilities.store, {}, MOST_SOURCES
        for path in sorted(entry.path for entry in store.entries(self.tree) if entry.path.endswith(".py")):
            content = store.read(self.tree, path)
            left -= len(content)
            if left < 0:
                break
            texts[path] = content.decode("utf-8", "replace")
        return texts


@dataclass(frozen=True)
class Workspace:
    """The folders of one run on the host, and where each is seen inside.

    `values` are the placeholders of commands; `digests` name every input, for the key under which a run is kept.
    """

    folder: Path
    values: dict[str, str] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, source: Path, digest: str) -> None:
        """Mount a folder, and let commands call it {name}."""
        self.values[name] = inside.TREE if name == "tree" else f"{inside.INPUTS}/{name}"
        self.mounts.append(Mount(source, self.values[name]))
        self.digests[name] = digest

    @property
    def api(self) -> Path:
        """The sources that are served and not shown as files."""
        return self.folder / "api"

    def room(self, name: str) -> Path:
        """A fresh, empty folder."""
        path = self.folder / name
        path.mkdir()
        return path


@contextmanager
def lay_out(judging: Judging, entry: str, words: tuple[str, ...]) -> Iterator[Workspace]:
    """The workspace of a run that starts at `entry` and uses these words: nothing is laid out that no word names."""
    store = judging.facilities.store
    wanted = set(re.findall(r"{(\w+)}", " ".join(words)))
    with TemporaryDirectory(dir=store.root / "scratch", prefix="run-") as scratch:
        space = Workspace(
            Path(scratch), {**judging.world.facts, "out": "/work/out", "api": API, "port": PORT, "seed": SEED}
        )
        tree = judging.reach_tree(entry)
        space.add("tree", store.fetch(tree, space.folder / "tree"), tree)
        if wanted & {"raw", "api", "stream"}:
            _lay_out_sources(judging, space, wanted)
        for kind in sorted(wanted & set(judging.upstream)):
            space.add(kind, store.fetch(judging.upstream[kind], space.folder / kind), judging.upstream[kind])
        yield space


def _lay_out_sources(judging: Judging, space: Workspace, wanted: set[str]) -> None:
    """The world's sources, apart: what is served is no file, and the stream comes later than the rest."""
    raw = judging.facilities.store.fetch(judging.world.raw, space.folder / "raw")
    for name in ("api", "stream"):
        if (raw / name).is_dir():
            shutil.move(raw / name, space.folder / name)
    if wanted & {"raw", "api"}:
        space.add("raw", raw, judging.world.raw)
    if "stream" in wanted and (space.folder / "stream").is_dir():
        space.add("stream", space.folder / "stream", judging.world.raw)


@lru_cache(4096)
def _reach(store: Store, tree: str, entry: str) -> frozenset[str]:
    """A tree is laid out for its main run and for every probe, and who proves a package does so on many worlds."""
    paths = [kept.path for kept in store.entries(tree)]
    return reach(paths, lambda path: store.read(tree, path), entry)


def fill_in(words: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
    """A package's command with its placeholders replaced."""
    try:
        return tuple(word.format_map(values) for word in words)
    except (KeyError, ValueError, IndexError) as unknown:
        raise PackageFault(f"{' '.join(words)!r} uses the placeholder {unknown}, which nothing gives.") from unknown
