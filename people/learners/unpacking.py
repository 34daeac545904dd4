"""Turns an upload, a zip or the files of a folder, into a tree. Trusts nothing in it and writes nothing to disk."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, BinaryIO

from django.utils.translation import gettext as _

from curriculum.litter import is_litter
from people.learners.refusals import Refusal
from people.learners.trees import (
    MAX_FILES,
    MAX_LIST_BYTES,
    check_ratio,
    check_size,
    gather,
    most_bytes,
    refuse_count,
    refuse_list,
    refuse_name,
    shown,
)

# The other methods are unpacked 4 kB at a time, and 4 kB of bzip2 can hold gigabytes.
BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, EOFError, OSError, ValueError, RuntimeError, struct.error),
)


def read_zip(upload: BinaryIO) -> dict[str, bytes]:
    """The files of a zip archive, by path. Raises Refusal, which names the file and the limit."""
    try:
        _check_list(upload)
        with zipfile.ZipFile(upload) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            return gather((_path_of(info), _open(archive, info)) for info in _check_members(members))
    except UNREADABLE as broken:
        sentence = _("This is no zip archive that can be read ({fault}).").format(fault=shown(str(broken)))
        raise Refusal("not-a-zip", "tree", sentence) from broken


def read_folder(files: Iterable[tuple[str, BinaryIO]]) -> dict[str, bytes]:
    """The files of an uploaded folder, by their path below it."""
    return gather((path, _read_bounded(path, file)) for path, file in files)


def _check_list(upload: BinaryIO) -> None:
    # The standard library's own reading of the end record, since that is what it will act upon.
    record = zipfile._EndRecData(upload)  # type: ignore[attr-defined]
    if record and record[zipfile._ECD_SIZE] > MAX_LIST_BYTES:  # type: ignore[attr-defined]
        raise refuse_list()


def _check_members(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    kept = [info for info in members if not is_litter(_path_of(info))]
    if len(kept) > MAX_FILES:
        raise refuse_count(len(kept))
    for info in kept:
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise refuse_name("special-file", _("{path} is a link or a device; put in plain files."), info.filename)
        if info.compress_type not in BOUNDED:
            raise refuse_name("packing", _("{path} is packed by bzip2 or LZMA; make a plain zip."), info.filename)
        if info.flag_bits & 1:
            raise refuse_name("encrypted", _("{path} is encrypted; make the zip without a password."), info.filename)
    return kept


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        content = _read_bounded(info.filename, file)
    check_ratio(shown(info.filename), info.compress_size, len(content))
    return content


def _read_bounded(path: str, file: IO[bytes]) -> bytes:
    # Never believe a declared size: read one byte more than is allowed, and no further.
    content = file.read(most_bytes() + 1)
    check_size(path, len(content))
    return content


def _path_of(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")
