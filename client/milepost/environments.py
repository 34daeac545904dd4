"""Makes the two environments that a check needs, from the server's locks: the learner's, and the examiner's."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from milepost.bench import Bench, cache_home
from milepost.troubles import Unreachable

EXAMINER = "examiner"
VARIABLE = "MILEPOST_EXAMINER"
STAMP = "milepost-installed"
LAST_LINES = 5

Say = Callable[[str], None]


def find_python(bench: Bench, environment: str) -> Path | None:
    """The interpreter of this environment, once all of it is installed."""
    if environment == EXAMINER and (named := os.environ.get(VARIABLE)):
        return Path(named)
    folder = place_of(bench, environment) / environment
    return folder / "bin" / "python" if (folder / STAMP).is_file() else None


def place_of(bench: Bench, environment: str) -> Path:
    """The folder that holds the environment; equal locks share one."""
    total = hashlib.sha256()
    for lock in bench.locks(environment):
        total.update(lock.read_bytes())
    return cache_home() / "environments" / total.hexdigest()[:16]


def missing(bench: Bench, own_python: bool) -> list[str]:
    """The environments that are still to be made."""
    wanted = [EXAMINER] if own_python else [bench.environment, EXAMINER]
    return [name for name in wanted if find_python(bench, name) is None]


def make_environment(bench: Bench, environment: str, lite: bool, say: Say) -> Path:
    """Install what the lock says. `say` hears what is being done; `lite` leaves torch out."""
    folder = place_of(bench, environment) / environment
    python = folder / "bin" / "python"
    shutil.rmtree(folder, ignore_errors=True)
    say(f"{environment}: an empty environment")
    _run([_base_python(str(bench.about.get("python", ""))), "-m", "venv", str(folder)], say)
    for lock in bench.locks(environment):
        if lock.name == "torch.txt" and lite:
            continue
        say(f"{environment}: {lock.stem}")
        _install(python, lock, say)
    (folder / STAMP).touch()
    return python


def _base_python(wanted: str) -> str:
    """An interpreter of the grader's version, if this machine has one by that name; else the one that runs us."""
    minor = ".".join(wanted.split(".")[:2])
    if minor == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    return (shutil.which(f"python{minor}") if minor else None) or sys.executable


def _install(python: Path, lock: Path, say: Say) -> None:
    """With uv, which is fast, if it is there and will do; else with pip."""
    uv = shutil.which("uv")
    # The build for the processor alone is a tenth of the other; no milestone has a graphics card.
    backend = ["--torch-backend=cpu"] if lock.name == "torch.txt" else []
    if uv and _succeeds([uv, "pip", "install", "--python", str(python), *backend, "-r", str(lock)], say):
        return
    _run([str(python), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(lock)], say)


def _succeeds(words: Sequence[str], say: Say) -> bool:
    try:
        _run(words, say)
    except Unreachable:
        return False
    return True


def _run(words: Sequence[str], say: Say) -> None:
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as installing:
        assert installing.stdout
        for line in installing.stdout:
            last.append(line.strip())
            say(line.strip())
    if installing.returncode:
        told = "\n".join(last)
        raise Unreachable(f"This could not be installed: {' '.join(words)}\n{told}", "Try again.", "not-installed")
