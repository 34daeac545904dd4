"""Takes the asked-for bytes out of a dead jail's output folder; never opens, follows or believes anything else.

It runs after the last process of the jail is gone, on a file system that only we still hold, by descriptors and not
by paths: nothing can be swapped between the question and the answer.
"""

import os
import re
import stat
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from grading.sandboxes import syscalls
from grading.sandboxes.base import RefusedFile

MB = 1 << 20
MOST_REFUSALS = 50
PRINTED_NAME = 120
PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
INSIDE_ONLY = (
    syscalls.RESOLVE_BENEATH | syscalls.RESOLVE_NO_SYMLINKS | syscalls.RESOLVE_NO_MAGICLINKS | syscalls.RESOLVE_NO_XDEV
)
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

KINDS = {
    stat.S_IFLNK: "is a symbolic link",
    stat.S_IFIFO: "is a FIFO",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFDIR: "is a folder",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


@dataclass(slots=True)
class Collection:
    """What was taken and what was refused."""

    files: list[str] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)

    def refuse(self, name: str, why: str) -> None:
        if len(self.refused) < MOST_REFUSALS:
            self.refused.append(RefusedFile(printable(name), why))


class _NotTaken(Exception):
    """Carries the clause that says why."""


def collect(produced: str, into: str | None, expected: Mapping[str, float]) -> Collection:
    """Copy each expected plain file (name -> largest size in MB) from `produced` to `into`, and report the rest."""
    taken = Collection()
    source = os.open(produced, FOLDER)
    target = os.open(into, FOLDER) if into else None
    try:
        for name in sorted(os.listdir(source)):  # noqa: PTH208 - a descriptor, not a path
            try:
                _take(source, target, name, expected)
                taken.files.append(name)
            except _NotTaken as refusal:
                taken.refuse(name, str(refusal))
    finally:
        os.close(source)
        if target is not None:
            os.close(target)
    return taken


def _take(source: int, target: int | None, name: str, expected: Mapping[str, float]) -> None:
    if not PLAIN_NAME.fullmatch(name):
        raise _NotTaken("has a name we do not take")
    _expect_regular(os.stat(name, dir_fd=source, follow_symlinks=False))
    if name not in expected or target is None:
        raise _NotTaken("was not asked for")
    try:
        opened = syscalls.openat2(source, name, READ, INSIDE_ONLY)
    except PermissionError:
        raise _NotTaken("cannot be read") from None
    with closing(os.fdopen(opened, "rb", buffering=0)):
        found = os.fstat(opened)
        _expect_regular(found)
        if found.st_nlink != 1:
            raise _NotTaken("is a hard link")
        if found.st_size > expected[name] * MB:
            raise _NotTaken(f"is larger than {expected[name]:g} MB")
        _copy(opened, target, name, found.st_size)


def _expect_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _NotTaken(KINDS.get(stat.S_IFMT(found.st_mode), "is not a plain file"))


def _copy(opened: int, target: int, name: str, size: int) -> None:
    written = os.open(name, WRITE, 0o644, dir_fd=target)
    try:
        while size > 0 and (sent := os.sendfile(written, opened, None, min(size, MB))):
            size -= sent
    finally:
        os.close(written)


def printable(name: str) -> str:
    """The name as plain letters: a terminal or a page must be able to show it."""
    shown = os.fsencode(name).decode("utf-8", "backslashreplace")
    return shown.encode("unicode_escape").decode("ascii")[:PRINTED_NAME]
