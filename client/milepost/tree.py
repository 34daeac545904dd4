"""Packs a project folder into a zip, and unpacks what the server sends. Trusts no name in an archive."""

import hashlib
import io
import json
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from milepost.config import MARKER
from milepost.troubles import Refused, Unreachable

EPOCH = (2020, 1, 1, 0, 0, 0)
# Far above what a server takes: it says its own limit, this only keeps a forgotten data set from being packed.
MAX_BYTES = 128 * 2**20
LEFT_OUT = frozenset(
    {".git", "__pycache__", ".venv", "venv", "node_modules", ".ipynb_checkpoints", "__MACOSX", ".DS_Store", MARKER}
    | {".pytest_cache", ".mypy_cache", ".ruff_cache", ".idea", ".vscode", ".env"}
)
WORLD_MARK = ".world"
EDITION = "edition.json"
LEFT_OUT_AT_TOP = frozenset({"build", "data"})


@dataclass(frozen=True)
class PackedTree:
    """A zip of a folder; `links` are what was left out because it is no plain file.

    `digest` is the server's own for what it unpacks: equal digests are equal trees.
    """

    content: bytes
    files: int
    links: list[str]
    digest: str


def pack(root: Path) -> PackedTree:
    """Zip the folder, without what tools and runs leave behind. Equal folders make equal bytes."""
    packed, links, entries, total = io.BytesIO(), [], list[dict[str, object]](), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _walk(root):
            name = path.relative_to(root).as_posix()
            if not stat.S_ISREG(path.lstat().st_mode):
                links.append(name)
                continue
            total += path.stat().st_size
            _refuse_heavy(name, path.stat().st_size, total)
            content = path.read_bytes()
            _add(archive, name, content)
            entries.append(_describe(name, content))
    if not entries:
        raise Refused(f"There is nothing to hand in: {root} holds no files of yours.", code="empty")
    return PackedTree(packed.getvalue(), len(entries), links, _digest(entries))


def unpack(archive_file: IO[bytes], into: Path) -> list[str]:
    """Write the archive's files below `into` and return their names; not one is written if any points elsewhere."""
    try:
        with zipfile.ZipFile(archive_file) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            for info in members:
                _check_name(info.filename)
            for info in members:
                target = into / info.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(info))
    except (zipfile.BadZipFile, EOFError) as broken:
        raise Unreachable(f"The archive arrived damaged: {broken}.", "Try again.", "damaged") from broken
    return [info.filename for info in members]


def replace_world(archive_file: IO[bytes], data: Path, digest: str = "") -> list[str]:
    """Put a world into `data`: what it brings replaces what was there, anything else in the folder stays.

    Only what was lent goes even if nothing comes in its place: it may have been given back.

    Its digest is noted beside it, so that a world that was changed later can be told from one that was not.
    """
    data.mkdir(exist_ok=True)
    _remove(data / "lent")
    with tempfile.TemporaryDirectory(dir=data, prefix=".incoming-") as incoming:
        names = unpack(archive_file, Path(incoming))
        for fresh in sorted(Path(incoming).iterdir()):
            _remove(data / fresh.name)
            fresh.replace(data / fresh.name)
    (data / WORLD_MARK).write_text(digest)
    return names


def read_edition(data: Path) -> dict[str, Any]:
    """The edition that the world in this folder was drawn for; empty where that was not written down."""
    try:
        told = json.loads((data / EDITION).read_text())
        return {"package": told["package"], "version": told["version"], "edition": int(told["edition"])}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as broken:
        raise Refused(f"{data / EDITION} cannot be read: {broken}.", "milepost world", "damaged-world") from broken


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        left_out = LEFT_OUT | LEFT_OUT_AT_TOP if here == root else LEFT_OUT
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(set(folders) - left_out - set(links))
        yield from (here / name for name in sorted({*files, *links} - left_out) if not name.endswith(".pyc"))


def _refuse_heavy(name: str, size: int, total: int) -> None:
    if total > MAX_BYTES:
        raise Refused(
            f"This folder is larger than {MAX_BYTES >> 20} MB ({name} alone has {size >> 20} MB).",
            "Keep data in data/ and results in build/: both stay with you.",
            "too-large",
        )


def _describe(name: str, content: bytes) -> dict[str, object]:
    return {"path": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "executable": False}


def _digest(entries: list[dict[str, object]]) -> str:
    listed = sorted(entries, key=lambda entry: str(entry["path"]))
    return hashlib.sha256(json.dumps(listed, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = 0o100644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        raise Unreachable(f"The server sent a file that points outside the folder: {name!r}.", code="damaged")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
