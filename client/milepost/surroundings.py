"""Says where this machine differs from the grader's: interpreter, libraries, platform, jail."""

import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from milepost.bench import Bench
from milepost.troubles import Refused

LOOK = """
import importlib.metadata as m, json, platform, sys
found = {d.metadata["Name"]: d.version for d in m.distributions() if d.metadata["Name"]}
print(json.dumps({"executable": sys.executable, "python": platform.python_version(), "packages": found}))
"""
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)
MOST_NAMED = 6
JAIL = "network namespace"


@dataclass(frozen=True)
class Interpreter:
    """An interpreter of this machine, and what is installed for it."""

    executable: str
    python: str
    packages: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Another one when anything in it changes, so that no artefact of before is taken for one of now."""
        told = json.dumps([self.executable, self.python, dict(self.packages)], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def look_at(python: Path | str) -> Interpreter:
    """What this interpreter says of itself. Raises Refused when it is none."""
    try:
        done = subprocess.run([str(python), "-c", LOOK], capture_output=True, text=True, timeout=60, check=True)
        told = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as no:
        raise Refused(f"{python} is no Python that can be used: {no}.", code="no-python") from no
    packages = {_plain(name): version for name, version in told["packages"].items()}
    return Interpreter(told["executable"], told["python"], packages)


def describe_differences(bench: Bench, found: Interpreter, layers: Sequence[str]) -> list[str]:
    """A sentence for each thing that is not as it is at the grader's."""
    theirs = str(bench.about.get("python", ""))
    here = f"{platform.system()} {platform.machine()}"
    there = str(bench.about.get("platform", ""))
    said = []
    if theirs and theirs != found.python:
        said.append(f"Your code runs with Python {found.python} here; the grader has {theirs}.")
    if there and there != here:
        said.append(f"This machine is {here}; the grader is {there}.")
    said += _compare_packages(bench, found)
    if JAIL not in layers:
        said.append("Your code runs unjailed here: it can reach your files and the network; the grader's cannot.")
    return said


def _compare_packages(bench: Bench, found: Interpreter) -> list[str]:
    pinned: dict[str, str] = {}
    for lock in bench.locks(bench.environment):
        pinned |= {_plain(name): version for name, version in PINNED.findall(lock.read_text())}
    absent = [name for name in pinned if name not in found.packages]
    others = [
        f"{name} {found.packages[name]} (grader {version})"
        for name, version in pinned.items()
        # torch's build for the processor is the same version under a longer name.
        if name in found.packages and found.packages[name].partition("+")[0] != version
    ]
    said = []
    if absent:
        said.append(
            f"Not installed here, though the grader has {'it' if len(absent) == 1 else 'them'}: {_some(absent)}."
        )
    if others:
        said.append(f"Other versions here: {_some(others)}.")
    return said


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
