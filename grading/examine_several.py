"""Asks about several exhibits in one jail, each in a process of its own, forked when all libraries are there.

`python -m grading.examine_several <verb>:<kind>…` finds the inputs of case i in /work/cases/<i>, laid out as for one
examination, and writes what it leaves as /work/out/<i>--<file>. A case that stumbles leaves nothing; no other knows.
"""

import os
import shutil
import sys
import traceback
from contextlib import suppress
from pathlib import Path

# What pandas imports at its first table: once here, and not anew in every child.
import pyarrow.dataset
import pyarrow.pandas_compat  # noqa: F401

from grading import examine, inside
from grading.authors import load_module

CASES = Path(inside.WORK, "cases")
OUT = Path(inside.WORK, "out")
ROOM = Path("/tmp")  # noqa: S108 - the jail's own, empty at start and gone with it


def examine_case(number: int, verb: str, kind: str) -> None:
    """One examination, as if it were the only one."""
    examine.WORK = CASES / str(number)
    left = ROOM / "left"
    left.mkdir()
    examine.bound_memory()
    {"checks": examine.ask_checks, "probes": examine.prepare_probes}[verb](kind, left)


def keep_apart(number: int, verb: str, kind: str) -> None:
    """Run the case in a child, take out what it left, and sweep the room for the next."""
    here = set(ROOM.iterdir())
    child = os.fork()
    if not child:
        try:
            examine_case(number, verb, kind)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status == 0:
        for path in (ROOM / "left").iterdir():
            shutil.copyfile(path, OUT / f"{number}{inside.SEPARATOR}{path.name}")
    for path in set(ROOM.iterdir()) - here:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def main(words: list[str]) -> None:
    cases = [word.split(":") for word in words]
    for verb, kind in sorted({(verb, kind) for verb, kind in cases}):
        # For the imports only, which then are there for every child; what is wrong with it, each case tells.
        with suppress(Exception):
            load_module(Path(inside.PACKAGE, kind, f"{verb}.py"))
    for number, (verb, kind) in enumerate(cases):
        keep_apart(number, verb, kind)


if __name__ == "__main__":
    main(sys.argv[1:])
