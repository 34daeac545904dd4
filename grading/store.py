"""Keeps folders by digest, and answers by key: trees, artefacts, packages, worlds. Knows not what any of them means.

A folder's digest names its file names, which of them may be executed, and their bytes; nothing else (no times, no
owners, no empty folders). Only regular files are ever put in: a folder with anything else is refused, since what is
fetched later is mounted before strangers' code.
"""

import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from curriculum.litter import is_litter

_CHUNK = 1 << 20


class StoreFault(Exception):
    """Something asked of the store is not there, or may not go in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a stored folder: its path relative to it, its bytes' sha256, its size and whether it may be run."""

    path: str
    sha256: str
    size: int
    executable: bool


def digest_of(value: object) -> str:
    """sha256 of a plain value as canonical JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Store:
    """A folder of blobs (`blobs/ab/cdef…`), folders (`trees/…`) and remembered answers (`memo/…`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for room in ("blobs", "trees", "memo", "scratch"):
            (root / room).mkdir(parents=True, exist_ok=True)

    def put(self, folder: Path) -> str:
        """Keep every file of the folder; equal folders have equal digests, wherever they lie."""
        entries = [self._put_file(folder, path) for path in _regular_files(folder)]
        return self._put_tree(entries)

    def put_files(self, files: Mapping[str, bytes]) -> str:
        """Keep these files, by their relative paths, without a folder on disk."""
        entries = [self._put_bytes(path, content) for path, content in sorted(files.items())]
        return self._put_tree(entries)

    def select(self, digest: str, paths: frozenset[str]) -> str:
        """The digest of the part of a stored folder that these paths are."""
        return self._put_tree([entry for entry in self.entries(digest) if entry.path in paths])

    def entries(self, digest: str) -> list[Entry]:
        try:
            listed = json.loads(self._place("trees", digest).read_bytes())
        except (FileNotFoundError, ValueError) as missing:
            raise StoreFault(f"No folder {digest!r} is kept here.") from missing
        return [Entry(**entry) for entry in listed]

    def read(self, digest: str, path: str) -> bytes:
        """The bytes of one file of a stored folder."""
        for entry in self.entries(digest):
            if entry.path == path:
                return self._place("blobs", entry.sha256).read_bytes()
        raise StoreFault(f"The folder {digest[:12]} holds no {path!r}.")

    def fetch(self, digest: str, into: Path) -> Path:
        """Write the stored folder into `into`, which is made; its files are copies that nobody else sees."""
        into.mkdir(parents=True, exist_ok=True)
        for entry in self.entries(digest):
            target = into / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._place("blobs", entry.sha256), target)
            target.chmod(0o755 if entry.executable else 0o644)
        return into

    def remember(self, key: str, answer: object) -> None:
        """Keep a plain answer under a key that names everything the answer hangs on."""
        self._write("memo", key, json.dumps(answer, sort_keys=True).encode())

    def recall(self, key: str) -> object | None:
        try:
            kept: object = json.loads(self._place("memo", key).read_bytes())
        except FileNotFoundError:
            return None
        return kept

    def _put_file(self, folder: Path, path: Path) -> Entry:
        name = path.relative_to(folder).as_posix()
        scratch, sha256, size = self._copy_to_scratch(path)
        self._adopt(scratch, "blobs", sha256)
        return Entry(name, sha256, size, bool(path.stat().st_mode & 0o100))

    def _put_bytes(self, name: str, content: bytes) -> Entry:
        sha256 = hashlib.sha256(content).hexdigest()
        self._write("blobs", sha256, content)
        return Entry(name, sha256, len(content), False)

    def _put_tree(self, entries: list[Entry]) -> str:
        listed = [
            {"path": e.path, "sha256": e.sha256, "size": e.size, "executable": e.executable}
            for e in sorted(entries, key=lambda e: e.path)
        ]
        for entry in entries:
            _expect_inside(entry.path)
        digest = digest_of(listed)
        self._write("trees", digest, json.dumps(listed).encode())
        return digest

    def _copy_to_scratch(self, path: Path) -> tuple[Path, str, int]:
        total, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.root / "scratch")
        with os.fdopen(handle, "wb") as copy, path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                total.update(chunk)
                size += len(chunk)
                copy.write(chunk)
        return Path(name), total.hexdigest(), size

    def _write(self, room: str, name: str, content: bytes) -> None:
        if self._place(room, name).exists() and room != "memo":
            return
        handle, scratch = tempfile.mkstemp(dir=self.root / "scratch")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self._adopt(Path(scratch), room, name)

    def _adopt(self, scratch: Path, room: str, name: str) -> None:
        # A rename is all or nothing, so two workers that keep the same bytes at once cannot spoil each other's.
        place = self._place(room, name)
        place.parent.mkdir(exist_ok=True)
        scratch.replace(place)

    def _place(self, room: str, name: str) -> Path:
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise StoreFault(f"{name!r} is not a digest.")
        return self.root / room / name[:2] / name[2:]


def _expect_inside(path: str) -> None:
    """Whoever gave the path should have looked; what is fetched is written at it by name, as the worker's user."""
    if path.startswith("/") or "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise StoreFault(f"{path!r} is no path below a folder.")


def _regular_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise StoreFault(f"{folder} is not a folder.")
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if is_litter(path.relative_to(folder).as_posix()):
            continue
        if stat.S_ISREG(mode):
            yield path
        elif not stat.S_ISDIR(mode):
            raise StoreFault(f"{path.relative_to(folder)} is neither a file nor a folder; take it out.")
