"""Runs somebody's own tests on their own code, with one bug planted at a time, and writes down which runs noticed.

This is the text of a probe: it runs in the jail, with the learner's Python, and imports nothing of ours. What it writes
is as untrusted as everything else from there: the tests that it runs could write the same file.
"""

import argparse
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

TIMED_OUT = -1
NOT_TRIED = None
# A busy host tries fewer bugs rather than run into the probe's own limit.
BUDGET = 40.0
LEAST_TRIED = 4
LEAST_SECONDS = 2.0
PATIENCE = 3.0
LITTER = shutil.ignore_patterns("__pycache__", ".git", "data", "build")


Asked = dict[str, Any]


def try_bugs(asked: Asked, tree: Path) -> dict[str, object]:
    """The exit code of pytest on the unchanged code, and on each bug; -1 for what took too long, null for no time."""
    for module in asked["modules"]:
        with suppress(Exception):  # what cannot be imported here cannot be imported by the tests either
            importlib.import_module(module)
    for path, source in asked["sources"].items():
        (tree / path).write_text(source, "utf-8")
    start = time.monotonic()
    unchanged = run_tests(tree, 3600)
    seconds = LEAST_SECONDS + PATIENCE * (time.monotonic() - start)
    codes: dict[str, int | None] = {}
    for tried, (name, bug) in enumerate(asked["bugs"].items() if unchanged == 0 else []):
        late = tried >= LEAST_TRIED and time.monotonic() - start > BUDGET
        codes[name] = NOT_TRIED if late else try_one(tree, asked, bug, seconds)
    return {"unchanged": unchanged, "bugs": codes}


def try_one(tree: Path, asked: Asked, bug: dict[str, str], seconds: float) -> int:
    file = tree / bug["path"]
    file.write_text(bug["source"], "utf-8")
    try:
        return run_tests(tree, seconds)
    finally:
        file.write_text(asked["sources"][bug["path"]], "utf-8")


def run_tests(tree: Path, seconds: float) -> int:
    """In a child of its own, so that nothing that one run imported or changed is there in the next."""
    child = os.fork()
    if not child:
        os._exit(run_pytest(tree))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMED_OUT


def run_pytest(tree: Path) -> int:
    os.setsid()
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silent, descriptor)
    try:
        return int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=no"]))
    except BaseException:  # a bug may end anything, and a run that ends badly has noticed
        return 1


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--bugs", type=Path, required=True)
    words.add_argument("--out", type=Path, required=True)
    given = words.parse_args()
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(shutil.copytree(Path.cwd(), Path(scratch) / "tree", ignore=LITTER))
        found = try_bugs(json.loads(given.bugs.read_text("utf-8")), tree)
    (given.out / "kills.json").write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()
