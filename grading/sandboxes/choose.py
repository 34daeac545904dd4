"""Picks the jail for this host, and refuses when none holds: strangers' code runs nowhere by default.

MILEPOST_SANDBOX says how much must hold. Unset or "strict": everything. "dedicated": everything but a user of its own
for each run, on a host where the worker's user owns nothing else. "weak": no control groups either; for one's own code
on one's own machine. MILEPOST_WARM says how many warm starts are kept ready for each kind of run; 0 for none.
"""

import functools
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from grading.sandboxes.base import Command, Environment, Limits, Sandbox, SandboxFault
from grading.sandboxes.bubblewrap import STRICT, Bubblewrap
from grading.sandboxes.warm import Warm

VARIABLE = "MILEPOST_SANDBOX"
WARM_VARIABLE, WARM_SLOTS = "MILEPOST_WARM", 2
REQUIRED = {
    "strict": STRICT,
    "dedicated": STRICT - {"uid"},
    "weak": frozenset[str](),
}
MOST_SLOTS = 64
REMEDY = f"`python -m grading doctor` tries every layer; {VARIABLE} says how many must hold: {', '.join(REQUIRED)}"


def choose(environ: Mapping[str, str] = os.environ) -> Sandbox:
    """The jail that holds here; SandboxFault when none does. It is tried once for each process."""
    return _tried(read_requirement(environ))


def choose_warm(environ: Mapping[str, str] = os.environ) -> Sandbox:
    """The same jail, with warm starts; for a process that lives long enough to make up for them."""
    jail, slots = _tried(read_requirement(environ)), read_slots(environ)
    return Warm(jail, slots) if slots else jail


def read_requirement(environ: Mapping[str, str] = os.environ) -> str:
    """The word for how much must hold."""
    word = environ.get(VARIABLE, "strict")
    if word not in REQUIRED:
        raise SandboxFault(f"{VARIABLE} is {word!r}; it can be {', '.join(REQUIRED)}")
    return word


def read_slots(environ: Mapping[str, str] = os.environ) -> int:
    """How many warm starts are kept ready for each kind of run."""
    told = environ.get(WARM_VARIABLE, str(WARM_SLOTS))
    if not (told.isascii() and told.isdecimal()) or int(told) > MOST_SLOTS:
        raise SandboxFault(f"{WARM_VARIABLE} is {told!r}; it can be a number from 0 to {MOST_SLOTS}")
    return int(told)


@functools.cache
def _tried(word: str) -> Bubblewrap:
    if sys.platform != "linux" or not shutil.which("bwrap"):
        raise SandboxFault("grading needs Linux and bubblewrap: install the Debian package bubblewrap")
    jail = Bubblewrap(REQUIRED[word])
    try:
        ending = jail.run(_nothing())
    except SandboxFault as fault:
        raise SandboxFault(f"{fault}. {REMEDY}") from None
    if ending.abnormal:
        raise SandboxFault(f"an empty program did not end well inside ({ending.reason}): {ending.stderr[-300:]}")
    return jail


def _nothing() -> Command:
    return Command(("-c", ""), Environment(Path(sys.executable), ""), Limits(), cwd="/work")
