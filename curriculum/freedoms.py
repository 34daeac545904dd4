"""Lines of the reference that anybody may write otherwise: a change there is a choice, and no mistake to be caught."""

from dataclasses import dataclass

import yaml

from curriculum.package import ProjectPackage

FILE = "freedoms.yaml"


@dataclass(frozen=True, slots=True)
class Freedom:
    """One line, as it stands in the reference's file without its indentation, and why it might be another."""

    file: str
    line: str
    why: str


def read_freedoms(package: ProjectPackage) -> tuple[Freedom, ...]:
    """Every entry; none, if there is no such file or no list in it. Lint tells of those that name no line."""
    told = yaml.safe_load(package.words(FILE) or "[]")
    entries = [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []
    return tuple(Freedom(*(str(entry.get(name, "")).strip() for name in ("file", "line", "why"))) for entry in entries)
