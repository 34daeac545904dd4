"""Keeps folders by digest, and answers by key: trees, artefacts, packages, worlds. Knows not what any of them means.

A folder's digest names its file names, which of them may be executed, and their bytes; nothing else (no times, no
owners, no empty folders). Only regular files are ever put in: a folder with anything else is refused, since what is
fetched later is mounted before strangers' code.

What is put in, though it was here, counts as new from then on, and so does an answer that is recalled: whoever clears
(`list_kept`, `discard`) takes only what is old.
"""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Concatenate, ParamSpec, TypeVar

from curriculum.litter import is_litter

_CHUNK = 1 << 20
DIGITS = 64
BLOBS, TREES, MEMO, SCRATCH = "blobs", "trees", "memo", "scratch"
CONDEMNED = "condemned"
# Longer than anything works in it: what is older was left by a process that was killed.
ABANDONED_S = 86_400.0

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class StoreFault(Exception):
    """Something asked of the store is not there, or may not go in."""


class StoreDown(StoreFault):
    """The store cannot be read or written at this moment: a full or failing disk, a network that does not answer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept: in which room, its name, its size, and how many seconds ago it was last put or asked."""

    room: str
    name: str
    size: int
    age: float


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


def _telling(
    method: "Callable[Concatenate[Store, P], R]",
) -> "Callable[Concatenate[Store, P], R]":
    """What a disk refuses is said as a fault of the store."""

    @wraps(method)
    def tell(self: "Store", /, *given: P.args, **named: P.kwargs) -> R:
        try:
            return method(self, *given, **named)
        except OSError as refused:
            raise StoreDown(f"The store cannot be used: {refused.strerror or refused}.") from refused

    return tell


class Store:
    """A folder of blobs (`blobs/ab/cdef…`), folders (`trees/…`) and remembered answers (`memo/…`).

    `root` is always a local folder, and `root/scratch` a place to work in.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            for room in (BLOBS, TREES, MEMO, SCRATCH):
                (root / room).mkdir(parents=True, exist_ok=True)
        except OSError as refused:
            raise StoreDown(f"The store cannot be made at {root}: {refused.strerror}.") from refused

    @_telling
    def put(self, folder: Path) -> str:
        """Keep every file of the folder; equal folders have equal digests, wherever they lie."""
        return self._put_tree(self._each(lambda path: self._put_file(folder, path), _regular_files(folder)))

    @_telling
    def put_files(self, files: Mapping[str, bytes]) -> str:
        """Keep these files, by their relative paths, without a folder on disk."""
        return self._put_tree(self._each(lambda file: self._put_bytes(*file), sorted(files.items())))

    @_telling
    def select(self, digest: str, paths: frozenset[str]) -> str:
        """The digest of the part of a stored folder that these paths are."""
        return self._put_tree([entry for entry in self.entries(digest) if entry.path in paths])

    @_telling
    def entries(self, digest: str) -> list[Entry]:
        try:
            listed = json.loads(self._read(TREES, digest))
        except (FileNotFoundError, ValueError) as missing:
            raise StoreFault(f"No folder {digest!r} is kept here.") from missing
        return [Entry(**entry) for entry in listed]

    @_telling
    def read(self, digest: str, path: str) -> bytes:
        """The bytes of one file of a stored folder."""
        for entry in self.entries(digest):
            if entry.path == path:
                with _expecting(entry):
                    return self._read(BLOBS, entry.sha256)
        raise StoreFault(f"The folder {digest[:12]} holds no {path!r}.")

    @_telling
    def fetch(self, digest: str, into: Path) -> Path:
        """Write the stored folder into `into`, which is made; its files are copies that nobody else sees."""
        into.mkdir(parents=True, exist_ok=True)
        self._each(lambda entry: self._fetch_file(entry, into / entry.path), self.entries(digest))
        return into

    @_telling
    def remember(self, key: str, answer: object) -> None:
        """Keep a plain answer under a key that names everything the answer hangs on."""
        self._write(MEMO, key, json.dumps(answer, sort_keys=True).encode())

    @_telling
    def recall(self, key: str) -> object | None:
        # In this order: whoever clears out meanwhile either sees that it was asked for, or has taken it away already.
        if not self._refresh(MEMO, key):
            return None
        return self.recall_quietly(key)

    @_telling
    def recall_quietly(self, key: str) -> object | None:
        """The same, for whoever only counts what is kept: it makes nothing newer."""
        try:
            kept: object = json.loads(self._read(MEMO, key))
        except FileNotFoundError:
            return None
        except ValueError as damaged:
            raise StoreFault(f"The answer {key[:12]} that is kept here is damaged.") from damaged
        return kept

    def list_kept(self, room: str) -> Iterator[Kept]:
        """Everything in a room, in no order. What comes in meanwhile may be missed, and is young."""
        now = time.time()
        for folder in os.scandir(self.root / room):
            for file in os.scandir(folder.path):
                try:
                    told = file.stat()
                except FileNotFoundError:
                    continue
                if len(folder.name + file.name) == DIGITS:
                    yield Kept(room, folder.name + file.name, told.st_size, now - told.st_mtime)

    def discard(self, kept: Kept, younger: float) -> bool:
        """Take it away, unless it is younger than so many seconds by now; says whether it is gone.

        What is put or recalled while this looks either finds it missing, and writes it, or makes it young first, and
        then it comes back: a moved file keeps its time.
        """
        place = self._place(kept.room, kept.name)
        condemned = self.root / SCRATCH / f"{CONDEMNED}-{kept.room}-{kept.name}"
        try:
            if time.time() - place.stat().st_mtime < younger:
                return False
            place.rename(condemned)
            if time.time() - condemned.stat().st_mtime < younger:
                condemned.rename(place)
                return False
            condemned.unlink()
        except FileNotFoundError:
            return True
        return True

    def clear_scratch(self) -> int:
        """Take away what killed processes left on this host; says how many things that were."""
        left = [path for path in (self.root / SCRATCH).iterdir() if time.time() - _last_change(path) > ABANDONED_S]
        for path in left:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(left)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else clears out or copies the store meanwhile. Raises StoreFault when somebody does already."""
        with (self.root / "store.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as taken:
                raise StoreFault("The store is being cleared out or copied now; try again after that.") from taken
            # Whoever was killed while they looked at these had not taken them away yet.
            for path in (self.root / SCRATCH).glob(f"{CONDEMNED}-*"):
                path.rename(self._place(*path.name.split("-")[1:]))
            yield

    @_telling
    def take_in(self, room: str, name: str, file: Path) -> None:
        """Keep a file of another store under the name that it had there. The file is moved, or copied and removed."""
        scratch = self._scratch_path()
        shutil.move(file, scratch)
        self._adopt(scratch, room, name)

    def _put_file(self, folder: Path, path: Path) -> Entry:
        name = path.relative_to(folder).as_posix()
        scratch, sha256, size = self._copy_to_scratch(path)
        self._adopt(scratch, BLOBS, sha256)
        return Entry(name, sha256, size, bool(path.stat().st_mode & 0o100))

    def _put_bytes(self, name: str, content: bytes) -> Entry:
        sha256 = hashlib.sha256(content).hexdigest()
        if not self._refresh(BLOBS, sha256):
            self._write(BLOBS, sha256, content)
        return Entry(name, sha256, len(content), False)

    def _put_tree(self, entries: list[Entry]) -> str:
        for entry in entries:
            _expect_inside(entry.path)
        listed = [
            {"path": e.path, "sha256": e.sha256, "size": e.size, "executable": e.executable}
            for e in sorted(entries, key=lambda e: e.path)
        ]
        digest = digest_of(listed)
        if not self._refresh(TREES, digest):
            self._write(TREES, digest, json.dumps(listed).encode())
        return digest

    def _copy_to_scratch(self, path: Path) -> tuple[Path, str, int]:
        total, size = hashlib.sha256(), 0
        with self._begin() as (copy, scratch), path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                total.update(chunk)
                size += len(chunk)
                copy.write(chunk)
        return scratch, total.hexdigest(), size

    def _write(self, room: str, name: str, content: bytes) -> None:
        self._place(room, name)
        with self._begin() as (file, scratch):
            file.write(content)
        self._adopt(scratch, room, name)

    @contextmanager
    def _begin(self) -> Iterator[tuple[IO[bytes], Path]]:
        """A file of scratch to write; nothing of it is left when that fails, as on a full disk."""
        handle, name = tempfile.mkstemp(dir=self.root / SCRATCH)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file, Path(name)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _scratch_path(self) -> Path:
        handle, name = tempfile.mkstemp(dir=self.root / SCRATCH)
        os.close(handle)
        return Path(name)

    def _fetch_file(self, entry: Entry, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _expecting(entry):
            self._copy(entry, target)
        target.chmod(0o755 if entry.executable else 0o644)

    # How a folder does it. A store that is elsewhere does these otherwise, and nothing else.

    def _each(self, work: Callable[[T], R], things: Iterable[T]) -> list[R]:
        return [work(thing) for thing in things]

    def _read(self, room: str, name: str) -> bytes:
        return self._place(room, name).read_bytes()

    def _copy(self, entry: Entry, target: Path) -> None:
        shutil.copyfile(self._place(BLOBS, entry.sha256), target)

    def _refresh(self, room: str, name: str) -> bool:
        """Make it new, if it is here; says whether it is."""
        try:
            os.utime(self._place(room, name))
        except FileNotFoundError:
            return False
        return True

    def _adopt(self, scratch: Path, room: str, name: str) -> None:
        # A rename is all or nothing, so two workers that keep the same bytes at once cannot spoil each other's.
        place = self._place(room, name)
        try:
            place.parent.mkdir(exist_ok=True)
            scratch.replace(place)
        except OSError:
            scratch.unlink(missing_ok=True)
            raise

    def _place(self, room: str, name: str) -> Path:
        if len(name) != DIGITS or not set(name) <= set("0123456789abcdef"):
            raise StoreFault(f"{name!r} is not a digest.")
        return self.root / room / name[:2] / name[2:]


@contextmanager
def _expecting(entry: Entry) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as missing:
        raise StoreFault(f"The file {entry.path!r} ({entry.sha256[:12]}) of a kept folder is not here.") from missing


def _last_change(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return time.time()


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
