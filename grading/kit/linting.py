"""Ruff's rules on a learner's sources, which are read as text and never run. Knows no project."""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from grading.kit.printing import printable

# What hardly anybody would defend: names that do not exist or that nobody uses, code that cannot run, known traps.
RULES = ("E9", "F", "B")
WORDS = ("check", "--isolated", "--no-cache", "--ignore-noqa", "--exit-zero", "--target-version", "py311")
SECONDS = 30
PATH_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where a rule is broken: path, line (from 1), the rule's code ("F401"), and what ruff says of it."""

    path: str
    line: int
    code: str
    text: str


def find_faults(sources: Mapping[str, str], select: Sequence[str] = RULES) -> list[Fault]:
    """Every place where one of ruff's rules is broken, by path and line; syntax errors have the code "syntax".

    sources: path -> text, as produced.sources. select: rules or their prefixes. Their own settings are not read, and
    `noqa` excuses nothing. Raises subprocess.SubprocessError when ruff itself fails: our fault, not theirs.
    """
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for path, text in sources.items():
            _write(folder, path, text)
        told = subprocess.run(
            [_ruff(), *WORDS, "--output-format", "json", "--select", ",".join(select), "."],
            cwd=folder,
            capture_output=True,
            check=True,
            timeout=SECONDS,
            env={"RAYON_NUM_THREADS": "1"},
        )
        faults = [_read(folder, one) for one in json.loads(told.stdout)]
    return sorted(faults, key=lambda fault: (fault.path, fault.line, fault.code))


def _write(folder: Path, path: str, text: str) -> None:
    """A path of the learner's tree, which leads nowhere else: whoever made the tree has seen to that, and so do we."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"{printable(path)} leads out of the tree")
    file = folder / parts
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8", errors="replace")


def _read(folder: Path, told: dict[str, object]) -> Fault:
    path = Path(str(told["filename"])).resolve().relative_to(folder.resolve())
    place = told["location"]
    line = int(place["row"]) if isinstance(place, dict) else 0
    code = "syntax" if told["code"] in (None, "invalid-syntax") else str(told["code"])
    return Fault(printable(path, PATH_LENGTH), line, code, printable(told["message"], PATH_LENGTH))


def _ruff() -> str:
    """The program beside the interpreter that runs us."""
    beside = Path(sys.executable).parent / "ruff"
    return str(beside if beside.exists() else Path(sysconfig.get_path("scripts")) / "ruff")
