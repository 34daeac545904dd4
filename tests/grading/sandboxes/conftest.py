import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grading.sandboxes.base import Command, Environment, Exit, Limits, SandboxFault
from grading.sandboxes.bubblewrap import STRICT, Bubblewrap

LIMITS = {"cpu_s": 5, "wall_s": 10, "memory_mb": 128, "processes": 16, "out_mb": 16, "tmp_mb": 16, "file_mb": 16}


@pytest.fixture(scope="session")
def jail() -> Bubblewrap:
    """The strictest jail that this user can have here."""
    jail = Bubblewrap(require=STRICT if os.geteuid() == 0 else frozenset())
    nothing = Command(("-c", ""), Environment(Path(sys.executable), ""), Limits(), cwd="/work")
    try:
        jail.run(nothing)
    except SandboxFault as fault:
        pytest.skip(f"no jail can be built here: {fault}")
    return jail


@pytest.fixture
def python() -> Environment:
    return Environment(Path(sys.executable), "of the tests")


@pytest.fixture
def limits() -> Callable[..., Limits]:
    return lambda **changes: Limits(**{**LIMITS, **changes})


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that the jail's user can pass, as the folders of a worker are."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return tmp_path


@pytest.fixture
def run(jail: Bubblewrap, python: Environment, limits: Callable[..., Limits]) -> Callable[..., Exit]:
    """Runs one program text inside: run("print(1)", wall_s=1, mounts=...)."""

    def run(program: str, *argv: str, **changes: object) -> Exit:
        names = set(Command.__dataclass_fields__)
        fields = {name: changes.pop(name) for name in names & changes.keys()}
        command = {"cwd": "/work", **fields}
        return jail.run(Command(("-c", program, *argv), python, limits(**changes), **command))

    return run
