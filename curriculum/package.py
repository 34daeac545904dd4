"""Reads a project package from its folder into plain values. Knows neither the database nor how work is judged."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import yaml

from curriculum.litter import is_litter

KINDS = ("ingest", "clean", "feature", "model", "deploy", "monitor")

# What may judge differently when it changes. Words (briefs, hints, the story) are not among it, so that mending a
# sentence neither re-runs anybody's work nor moves an enrolment to another package.
JUDGING = (
    "project.yaml",
    "data.py",
    "domains",
    "marks.json",
    "reference",
    *(f"{kind}/{file}" for kind in KINDS for file in ("checks.py", "probes.py")),
)

REFERENCE, STARTER = "reference", "starter"

# What no check reads, and no brief's words (*.md) either: it is not laid before the examiner.
UNREAD = frozenset({STARTER, REFERENCE, "alternatives", "wrong", "freedoms.yaml", "proof.json"})

LIMIT_NAMES = frozenset(
    {
        "cpu_s",
        "wall_s",
        "memory_mb",
        "processes",
        "open_files",
        "file_mb",
        "out_mb",
        "out_files",
        "tmp_mb",
        "output_kb",
        "output_kill_mb",
    }
)


class PackageFault(Exception):
    """The author's fault: the package cannot be read or used. The message names the file, the field and the remedy."""


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """Another run of the learner's code, on inputs that we changed: `prepares` names the files that they consist of."""

    name: str
    command: tuple[str, ...]
    produces: Mapping[str, float]
    prepares: Mapping[str, float]

    @property
    def is_prepared(self) -> bool:
        """Whether a function of the package makes its inputs."""
        return "{prepared}" in " ".join(self.command)


@dataclass(frozen=True, slots=True)
class MilestoneSpec:
    """One gate of a project: what is run, what is taken out of it, and what it may use.

    sources: its checks read the learner's source text. restarted: its checks also ask a second, fresh instance of the
    service.
    """

    kind: str
    title: str
    summary: str
    minutes: int
    command: tuple[str, ...]
    serve: str
    listen: tuple[str, ...]
    variables: Mapping[str, str]
    produces: Mapping[str, float]
    limits: Mapping[str, float]
    probes: tuple[ProbeSpec, ...]
    sources: bool
    restarted: bool

    @property
    def is_service(self) -> bool:
        """Whether it is asked over HTTP: a callable that we serve, or a command that listens on $PORT itself."""
        return bool(self.serve or self.listen)


@dataclass(frozen=True)
class ProjectPackage:
    """One end-to-end problem with its milestones: the folder that defines it, at one digest."""

    folder: Path
    slug: str
    title: str
    version: str
    summary: str
    stakeholder: str
    environment: str
    skills: tuple[str, ...]
    domains: tuple[str, ...]
    milestones: tuple[MilestoneSpec, ...]

    @cached_property
    def digest(self) -> str:
        """Names everything in the folder that can change a verdict."""
        return digest_files(self.folder, JUDGING)

    @cached_property
    def data_digest(self) -> str:
        """Names everything in the folder that can change a world."""
        return digest_files(self.folder, ("data.py", "domains"))

    @cached_property
    def read_by_checks(self) -> tuple[str, ...]:
        """The files that a check may read: all but the trees, the words and the proof."""
        members = (member for member in sorted(self.folder.iterdir()) if member.name not in UNREAD)
        files = (path for member in members for path in files_under(member) if path.suffix != ".md")
        return tuple(path.relative_to(self.folder).as_posix() for path in files)

    @cached_property
    def checks_digest(self) -> str:
        """Names everything in the folder that can change what checks say of the same artefact."""
        return digest_files(self.folder, self.read_by_checks)

    def judging_of(self, kind: str) -> tuple[str, ...]:
        """What can change a verdict on this milestone, beside the trees: other milestones' checks are left out."""
        others = {f"{other}/{file}" for other in KINDS for file in ("checks.py", "probes.py") if other != kind}
        return tuple(member for member in JUDGING if member not in {*others, "reference"})

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(milestone.kind for milestone in self.milestones)

    def milestone(self, kind: str) -> MilestoneSpec:
        for milestone in self.milestones:
            if milestone.kind == kind:
                return milestone
        raise KeyError(f"{self.slug} has no milestone {kind!r}; it has {', '.join(self.kinds)}.")

    def before(self, kind: str) -> tuple[MilestoneSpec, ...]:
        """The milestones that come before this one, in order."""
        return self.milestones[: self.kinds.index(kind)]

    def feeding(self, kind: str) -> tuple[MilestoneSpec, ...]:
        """Those before this one whose artefacts it may be given: a service leaves none."""
        return tuple(milestone for milestone in self.before(kind) if not milestone.is_service)

    def words(self, relative: str) -> str:
        """The text of one of the package's files; empty if there is none."""
        path = self.folder / relative
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def domain(self, name: str) -> dict[str, object]:
        return _read_yaml(self.folder / "domains" / f"{name}.yaml")


def digest_files(folder: Path, members: tuple[str, ...]) -> str:
    """sha256 over the names and bytes of these files, and of everything in these folders, in a fixed order."""
    total = hashlib.sha256()
    for member in sorted(members):
        for path in files_under(folder / member):
            name = path.relative_to(folder).as_posix()
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def files_under(path: Path) -> Iterator[Path]:
    """The file that this is, or every file below it, in order and without litter."""
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(p for p in path.rglob("*") if p.is_file() and not is_litter(p.relative_to(path).as_posix()))


def load(folder: Path) -> ProjectPackage:
    """Read `folder/project.yaml`. Raises PackageFault, which names the field, for whatever cannot be used."""
    path = folder / "project.yaml"
    fields = _Fields(path, _read_yaml(path))
    package = ProjectPackage(
        folder=folder.resolve(),
        slug=fields.text("slug"),
        title=fields.text("title"),
        version=fields.text("version"),
        summary=fields.text("summary"),
        stakeholder=fields.text("stakeholder"),
        environment=fields.text("environment"),
        skills=fields.texts("skills"),
        domains=fields.texts("domains"),
        milestones=tuple(_read_milestone(entry) for entry in fields.entries("milestones")),
    )
    fields.close()
    if len(set(package.kinds)) != len(package.kinds) or not package.milestones:
        raise PackageFault(f"{path}: milestones must be one or more, each of another kind.")
    return package


def _read_milestone(fields: "_Fields") -> MilestoneSpec:
    kind = fields.text("kind")
    if kind not in KINDS:
        raise PackageFault(f"{fields.where}: kind is {kind!r}; it must be one of {', '.join(KINDS)}.")
    probes = fields.mapping("probes", optional=True)
    milestone = MilestoneSpec(
        kind=kind,
        title=fields.text("title"),
        summary=fields.text("summary"),
        minutes=int(fields.number("minutes")),
        command=tuple(fields.text("command", optional=True).split()),
        serve=fields.text("serve", optional=True),
        listen=tuple(fields.text("listen", optional=True).split()),
        variables={name: str(value) for name, value in fields.mapping("variables", optional=True).items()},
        produces=fields.numbers("produces", optional=True),
        limits=_known_limits(fields),
        probes=tuple(_read_probe(name, _Fields(f"{fields.where} probe {name}", spec)) for name, spec in probes.items()),
        sources=fields.flag("sources"),
        restarted=fields.flag("restarted"),
    )
    fields.close()
    if [milestone.is_service, bool(milestone.command)].count(True) != 1 or (milestone.serve and milestone.listen):
        raise PackageFault(f"{fields.where}: give one of command, serve and listen, and no more.")
    return milestone


def _known_limits(fields: "_Fields") -> Mapping[str, float]:
    limits = fields.numbers("limits", optional=True)
    if unknown := set(limits) - LIMIT_NAMES:
        raise PackageFault(f"{fields.where}: unknown limits {sorted(unknown)}; known are {sorted(LIMIT_NAMES)}.")
    return limits


def _read_probe(name: str, fields: "_Fields") -> ProbeSpec:
    probe = ProbeSpec(
        name=name,
        command=tuple(fields.text("command").split()),
        produces=fields.numbers("produces"),
        prepares=fields.numbers("prepares", optional=True),
    )
    fields.close()
    return probe


def _read_yaml(path: Path) -> dict[str, object]:
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise PackageFault(f"{path} does not exist; a package needs it.") from missing
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise PackageFault(f"{path} is not valid YAML: {broken}") from broken
    if not isinstance(loaded, dict):
        raise PackageFault(f"{path} must hold a mapping of fields.")
    return loaded


class _Fields:
    """A closed mapping: every field is taken once with its type, and what is left over is a fault."""

    def __init__(self, where: object, values: object) -> None:
        self.where = str(where)
        if not isinstance(values, dict):
            raise PackageFault(f"{self.where} must be a mapping of fields.")
        self._values = dict(values)

    def _take(self, name: str, wanted: type | tuple[type, ...], empty: object, optional: bool) -> object:
        value = self._values.pop(name, empty if optional else None)
        if not isinstance(value, wanted):
            raise PackageFault(f"{self.where}: {name} is {value!r}; it must be {_describe(wanted)}.")
        return value

    def text(self, name: str, optional: bool = False) -> str:
        return str(self._take(name, str, "", optional)).strip()

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(str(item) for item in cast(list[object], self._take(name, list, [], False)))

    def number(self, name: str) -> float:
        return float(cast(float, self._take(name, (int, float), 0, False)))

    def flag(self, name: str) -> bool:
        return bool(self._take(name, bool, False, True))

    def mapping(self, name: str, optional: bool = False) -> dict[str, object]:
        return cast(dict[str, object], self._take(name, dict, {}, optional))

    def numbers(self, name: str, optional: bool = False) -> dict[str, float]:
        values = self.mapping(name, optional)
        if bad := [key for key, value in values.items() if not isinstance(value, int | float) or value <= 0]:
            raise PackageFault(f"{self.where}: {name}.{bad[0]} must be a number above 0.")
        return {str(key): float(cast(float, value)) for key, value in values.items()}

    def entries(self, name: str) -> list["_Fields"]:
        listed = cast(list[object], self._take(name, list, [], False))
        return [_Fields(f"{self.where} {name}[{i}]", entry) for i, entry in enumerate(listed)]

    def close(self) -> None:
        if self._values:
            raise PackageFault(
                f"{self.where}: unknown fields {sorted(map(str, self._values))}; remove them or mend the spelling."
            )


def _describe(wanted: type | tuple[type, ...]) -> str:
    names = {
        str: "text",
        bool: "true or false",
        list: "a list",
        dict: "a mapping",
        int: "a whole number",
        float: "a number",
    }
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    return " or ".join(names[kind] for kind in kinds)
