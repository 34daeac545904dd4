"""Turns an upload, a zip or the files of a folder, into a tree. Trusts nothing in it and writes nothing to disk."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from django.conf import settings

from curriculum.litter import is_litter
from people.learners.refusals import Refusal

MAX_FILES = 1000
MAX_DEPTH = 12
MAX_NAME = 200
# What file systems take for one name; letters outside ASCII take several each.
MAX_PART_BYTES = 255
# A zip's list of files is read as a whole before anything else; a small upload could hold a list of millions.
MAX_LIST_BYTES = 4 * 2**20
# The other methods are unpacked 4 kB at a time, and 4 kB of bzip2 can hold gigabytes.
BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, EOFError, OSError, ValueError, RuntimeError, struct.error),
)
# Where a learner's own runs put data; left out without a word, as litter is.
LITTER_AT_TOP = frozenset({"build", "data"})


def read_zip(upload: BinaryIO) -> dict[str, bytes]:
    """The files of a zip archive, by path. Raises Refusal, which names the file and the limit."""
    try:
        _check_list(upload)
        with zipfile.ZipFile(upload) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            return _gather((_path_of(info), _open(archive, info)) for info in _check_members(members))
    except UNREADABLE as broken:
        raise Refusal(
            "not-a-zip", "tree", f"This is no zip archive that can be read ({_shown(str(broken))})."
        ) from broken


def read_folder(files: Iterable[tuple[str, BinaryIO]]) -> dict[str, bytes]:
    """The files of an uploaded folder, by their path below it."""
    return _gather((path, _read_bounded(path, file)) for path, file in files)


def _check_list(upload: BinaryIO) -> None:
    # The standard library's own reading of the end record, since that is what it will act upon.
    record = zipfile._EndRecData(upload)  # type: ignore[attr-defined]
    if record and record[zipfile._ECD_SIZE] > MAX_LIST_BYTES:  # type: ignore[attr-defined]
        raise Refusal("too-many-files", "tree", f"Far too many files; at most {MAX_FILES:,} are taken.", 413)


def _check_members(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    kept = [info for info in members if not is_litter(_path_of(info))]
    if len(kept) > MAX_FILES:
        raise _refuse_count(len(kept))
    for info in kept:
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Refusal("special-file", "tree", f"{_shown(info.filename)} is a link or a device; put in plain files.")
        if info.compress_type not in BOUNDED:
            raise Refusal("packing", "tree", f"{_shown(info.filename)} is packed by bzip2 or LZMA; make a plain zip.")
        if info.flag_bits & 1:
            raise Refusal(
                "encrypted", "tree", f"{_shown(info.filename)} is encrypted; make the zip without a password."
            )
    return kept


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        return _read_bounded(info.filename, file)


def _read_bounded(path: str, file: IO[bytes]) -> bytes:
    # Never believe a declared size: read one byte more than is allowed, and no further.
    limit = settings.MILEPOST_TREE_MB * 2**20
    content = file.read(limit + 1)
    if len(content) > limit:
        raise _refuse_size(f"{_shown(path)} is larger than {settings.MILEPOST_TREE_MB} MB.")
    return content


def _gather(files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    tree: dict[str, bytes] = {}
    total = 0
    for path, content in _without_litter(files):
        path = _check_path(path)
        total += len(content)
        if path in tree:
            raise Refusal("duplicate", "tree", f"{_shown(path)} is in the upload twice; keep one of them.")
        if total > settings.MILEPOST_TREE_MB * 2**20:
            raise _refuse_size(f"The files together are larger than {settings.MILEPOST_TREE_MB} MB.")
        tree[path] = content
        if len(tree) > MAX_FILES:
            raise _refuse_count(len(tree))
    return _check_tree(_strip_wrapping(tree))


def _without_litter(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    return ((path, content) for path, content in files if not is_litter(path))


def _path_of(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _check_path(path: str) -> str:
    """The path in its one spelling: `./a`, `a//b` and `a/./b` are names that two files could share."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
        raise Refusal("outside", "tree", f"{_shown(path)} points outside the folder; put in paths below it.")
    if not path.isprintable() or "\0" in path or not parts:
        raise Refusal("bad-name", "tree", f"The name {_shown(path)} holds characters that we do not take; rename it.")
    too_long = len(path) > MAX_NAME or any(len(part.encode()) > MAX_PART_BYTES for part in parts)
    if len(parts) > MAX_DEPTH or too_long:
        raise Refusal(
            "too-deep",
            "tree",
            f"{_shown(path)} is nested deeper than {MAX_DEPTH} folders or longer than {MAX_NAME} characters.",
        )
    return "/".join(parts)


def _strip_wrapping(tree: dict[str, bytes]) -> dict[str, bytes]:
    """Without the one folder that many tools put round everything, unless that folder is itself a Python package."""
    tops = {path.split("/", 1)[0] for path in tree}
    if len(tops) != 1 or any("/" not in path for path in tree):
        return tree
    top = tops.pop()
    if f"{top}/__init__.py" in tree:
        return tree
    return {path.removeprefix(f"{top}/"): content for path, content in tree.items()}


def _check_tree(tree: dict[str, bytes]) -> dict[str, bytes]:
    kept = {path: content for path, content in tree.items() if path.split("/", 1)[0] not in LITTER_AT_TOP}
    if not any(path.endswith(".py") for path in kept):
        raise Refusal("empty", "tree", "There is no Python file in this upload; hand in your whole project folder.")
    for path in kept:
        # A path that is both a file and a folder of another file cannot be laid out.
        if any(str(parent) in kept for parent in PurePosixPath(path).parents):
            raise Refusal("duplicate", "tree", f"{_shown(path)} lies below a file of the same name; rename one.")
    return kept


def _refuse_size(what: str) -> Refusal:
    return Refusal("too-large", "tree", f"{what} Leave out data and build results; only code is needed.", 413)


def _refuse_count(count: int) -> Refusal:
    return Refusal("too-many-files", "tree", f"{count:,} files or more; at most {MAX_FILES:,} are taken.", 413)


def _shown(path: str) -> str:
    return ascii(path)[1:-1][:120]
