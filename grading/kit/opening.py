"""Opening one file that a stranger wrote, and saying what it is when it is not what was promised.

Nothing here raises anything but DoesNotHold, whatever the bytes.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from grading.kit.checking import DoesNotHold
from grading.kit.printing import counted, printable
from grading.kit.produced import Produced

MEGABYTE = 1024 * 1024

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive (that is also what torch.save, numpy.savez and Excel write)"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x93NUMPY", "a NumPy .npy file"),
    (b"ARROW1", "an Arrow/Feather file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"%PDF", "a PDF"),
    (b"\x7fELF", "a program"),
)


def open_regular(produced: Produced, name: str, most_mb: float = 64) -> BinaryIO:
    """The named file, open for reading bytes. DoesNotHold when it is missing, no regular file, empty or too large.

    most_mb: megabytes (2**20 bytes). Links are not followed, and a pipe cannot make this wait.
    """
    try:
        descriptor = os.open(produced.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DoesNotHold(_cannot_open(produced, name, error)) from None
    try:
        _accept(name, os.fstat(descriptor), most_mb)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(produced: Produced, name: str, most_mb: float = 4, may_be_empty: bool = False) -> bytes:
    """All bytes of the named file, under the same conditions as open_regular; may_be_empty: 0 bytes are no fault."""
    if may_be_empty and _is_empty(produced.folder / name):
        return b""
    try:
        with open_regular(produced, name, most_mb) as file:
            return file.read(int(most_mb * MEGABYTE) + 1)
    except OSError as error:
        raise DoesNotHold(_cannot_open(produced, name, error)) from None


def describe_bytes(start: bytes) -> str:
    """What a file is that begins with these bytes: a noun phrase for a sentence ("a Python pickle")."""
    if len(start) > 1 and start[0] == 0x80 and 2 <= start[1] <= 5:
        return "a Python pickle"
    for magic, what in _MAGIC:
        if start.startswith(magic):
            return what
    try:
        return _describe_text(start.decode("utf-8", "strict" if len(start) < 512 else "ignore"))
    except UnicodeDecodeError:
        return "made of bytes that we do not recognise"


def _describe_text(text: str) -> str:
    start = text.lstrip().lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<body", "<head")):
        return "an HTML or XML page"
    if start.startswith(("{", "[")):
        return "JSON text"
    first = start.split("\n", 1)[0]
    if any(first.count(mark) >= 1 for mark in ",;\t|"):
        return "CSV text"
    return "plain text"


def _is_empty(path: Path) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def _cannot_open(produced: Produced, name: str, error: OSError) -> str:
    if name in produced.refused:
        return f"{name} was written but not taken: it {printable(produced.refused[name], 200)}."
    if error.errno == errno.ENOENT:
        return f"{name} is missing: your code did not write it into the folder that --out names."
    if error.errno == errno.ELOOP:
        return f"{name} is a symbolic link; write a regular file."
    return f"{name} cannot be read ({error.strerror}); write a regular file."


def _accept(name: str, found: os.stat_result, most_mb: float) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise DoesNotHold(f"{name} is a folder; write one file of that name.")
    if not stat.S_ISREG(found.st_mode):
        raise DoesNotHold(f"{name} is not a regular file (a pipe, socket or device); write a regular file.")
    if found.st_size == 0:
        raise DoesNotHold(f"{name} is empty (0 bytes): it was opened and nothing was written, or never closed.")
    if found.st_size > most_mb * MEGABYTE:
        size = counted(round(found.st_size / MEGABYTE), "MB", "MB")
        raise DoesNotHold(f"{name} has {size}; at most {most_mb:g} MB are read. Write fewer rows or columns.")
