"""Writes all that an installation is into one file: database, repositories, store and secrets, and a digest of each.

First the database, at one instant; then what it names. Work is in the store and in its repository before a row says
so, and what is there is never changed: so a copy that is made later has all that the rows name, and perhaps a little
more. Only `collect_garbage` takes away, and none goes on meanwhile. A bucket is named and not copied.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from grading.store import BLOBS, MEMO, TREES, StoreFault
from people.learners.dumps import DumpFault, dump_database, name_dump
from people.learners.facilities import store
from people.learners.refusals import Refusal
from people.learners.repositories import hold

FORMAT = 1
ABOUT, MANIFEST = "about.json", "manifest.json"
SECRETS, REPOSITORIES, STORE = "secrets", "repositories", "store"
ROOMS = (BLOBS, TREES, MEMO)
COPIED = "copied"


class BackupFault(Exception):
    """The backup was not made, and nothing of it is left; the text says why."""


@dataclass
class _Archive:
    """A tar file that is being written, and what is in it already."""

    tar: tarfile.TarFile
    manifest: dict[str, str] = field(default_factory=dict)

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def add_folder(self, name: str, folder: Path) -> None:
        """All of it, empty folders too: git looks for some."""
        for path in sorted(folder.rglob("*")):
            below = f"{name}/{path.relative_to(folder).as_posix()}"
            if path.is_dir():
                self.tar.addfile(_describe(below, tarfile.DIRTYPE, 0o700))
            elif path.is_file() and not path.is_symlink():
                self.add_file(below, path)

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        told = _describe(name, tarfile.REGTYPE, 0o600)
        told.size = size
        hashed = _Hashed(content)
        self.tar.addfile(told, hashed)
        self.manifest[name] = hashed.total.hexdigest()


class _Hashed(io.RawIOBase):
    """A file that is hashed as it is read."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content, self.total = content, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.content.read(size)
        self.total.update(chunk)
        return chunk


def back_up(target: Path, now: datetime) -> Path:
    """Write a backup to this file, or into this folder under the date. Raises BackupFault."""
    place = target / f"milepost-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    try:
        with _begin(place) as archive, store().alone():
            _write(archive, place.parent, now)
    except (OSError, DumpFault, StoreFault) as fault:
        raise BackupFault(str(fault)) from fault
    except Refusal as busy:
        raise BackupFault(f"A repository is in use: {busy.sentence}") from busy
    return place


def _write(archive: _Archive, room: Path, now: datetime) -> None:
    archive.add_bytes(ABOUT, _as_json(_tell(now)))
    with tempfile.TemporaryDirectory(dir=room, prefix="milepost-dump-") as folder:
        archive.add_file(name_dump(), dump_database(Path(folder)))
    archive.add_bytes(f"{SECRETS}/secret-key", settings.SECRET_KEY.encode())
    archive.add_bytes(f"{SECRETS}/world-secret", settings.WORLD_SECRET.encode())
    for repository in list_repositories():
        with hold(repository):
            archive.add_folder(f"{REPOSITORIES}/{repository.parent.name}/{repository.name}", repository)
    if settings.STORE_BUCKET is None:
        for name in ROOMS:
            archive.add_folder(f"{STORE}/{name}", settings.STORE_DIR / name)
    archive.add_bytes(MANIFEST, _as_json(archive.manifest))


def list_repositories() -> list[Path]:
    """Every learner's repository, by its place."""
    return sorted(head.parent for head in Path(settings.REPOSITORIES_DIR).glob("??/*.git/HEAD"))


def name_store() -> str:
    """Where the store is, if a backup does not copy it."""
    told = settings.STORE_BUCKET
    return f"s3://{told['name']}/{told['prefix']}" if told else COPIED


def _tell(now: datetime) -> dict[str, object]:
    return {"format": FORMAT, "made_at": now.isoformat(), "database": name_dump(), "store": name_store()}


@contextmanager
def _begin(place: Path) -> Iterator[_Archive]:
    """The archive, for nobody else's eyes; it has its name when it is whole, and not before."""
    if place.exists():
        raise BackupFault(f"{place} is there already; name another file, or a folder.")
    part = place.with_name(place.name + ".part")
    handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield _Archive(tar)
            file.flush()
            os.fsync(file.fileno())
        part.rename(place)
    finally:
        part.unlink(missing_ok=True)


def _describe(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    told = tarfile.TarInfo(name)
    told.type, told.mode = kind, mode
    return told


def _as_json(told: object) -> bytes:
    return json.dumps(told, indent=1, sort_keys=True).encode() + b"\n"
