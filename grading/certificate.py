"""What publishing asks of a package, and anybody may read: the worlds on which it was proved. It lies in proof.json.

Worlds add up: what was proved of an edition stays true of it, so that a long proof can be made in many short ones.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from curriculum.package import ProjectPackage

FILE = "proof.json"


@dataclass(frozen=True, slots=True)
class Proved:
    """What one world showed, in numbers of trees."""

    domain: str
    proofs: int
    right: int
    right_refused: int
    wrong: int
    wrong_passed: int
    mutants: int
    mutants_killed: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """An edition, by its digest, and what each seed showed of it."""

    digest: str
    worlds: Mapping[int, Proved]


def write_certificate(package: ProjectPackage, worlds: Mapping[int, Proved]) -> Certificate:
    """Write what was proved of this edition now, beside what was proved of it on other worlds before."""
    known = read_certificate(package)
    before = known.worlds if known and known.digest == package.digest else {}
    own = Certificate(package.digest, dict(sorted({**before, **worlds}.items())))
    # A line for each world, so that a proof of one more is a line more.
    rows = ",\n".join(f'  "{seed}": {json.dumps(asdict(proved))}' for seed, proved in own.worlds.items())
    text = f'{{\n "digest": "{own.digest}",\n "worlds": {{\n{rows}\n }}\n}}\n'
    (package.folder / FILE).write_text(text)
    return own


def read_certificate(package: ProjectPackage) -> Certificate | None:
    """The package's, of whatever edition; None where there is none, or none in form."""
    try:
        told: dict[str, Any] = json.loads(package.words(FILE) or "{}")
        return Certificate(told["digest"], {int(seed): Proved(**row) for seed, row in told["worlds"].items()})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
