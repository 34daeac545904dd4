"""A store in a bucket, with copies on this host. What comes over the network is compared with its digest before use.

Answers are never copied: one that is cleared out names folders that go with it. They are kept with their own
digest in front.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from grading.bucket import HANDS, Bucket
from grading.cache import Cache
from grading.store import (
    BLOBS,
    DIGITS,
    MEMO,
    TREES,
    Entry,
    Kept,
    R,
    Store,
    T,
    digest_of,
)

# Whoever clears out spares what is younger than a day. So what is older than half of one is put again when it is
# needed, and what we know to be there is believed for a quarter.
YOUNG_S, BELIEVED_S = 43_200.0, 21_600.0
# To ask whether something small is there takes as long as to put it.
SMALL_BYTES = 65_536
MOST_BELIEVED = 100_000
SEAL = DIGITS


class BucketStore(Store):
    """`root` is a local folder: scratch, opened packages, and no more than `most` bytes of copies."""

    def __init__(self, bucket: Bucket, root: Path, most: int) -> None:
        super().__init__(root)
        self.bucket = bucket
        self.cache = Cache(root, (BLOBS, TREES), most)
        self._believed: dict[str, float] = {}
        self.clear_scratch()

    def list_kept(self, room: str) -> Iterator[Kept]:
        for found in self.bucket.list_objects(f"{room}/"):
            name = found.key.removeprefix(f"{room}/").replace("/", "")
            if len(name) == DIGITS:
                yield Kept(room, name, found.size, found.age)

    def discard(self, kept: Kept, younger: float) -> bool:
        """As of a folder, but that a bucket cannot look and delete at once: between the two are milliseconds."""
        key = _key(kept.room, kept.name)
        found = self.bucket.find(key)
        if found and found.age < younger:
            return False
        if found:
            self.bucket.delete(key)
        self._believed.pop(key, None)
        self._place(kept.room, kept.name).unlink(missing_ok=True)
        return True

    def _each(self, work: Callable[[T], R], things: Iterable[T]) -> list[R]:
        """Many at once, for each waits on the network."""
        with ThreadPoolExecutor(HANDS) as hands:
            return list(hands.map(work, things))

    def _read(self, room: str, name: str) -> bytes:
        with self._open(room, name) as file:
            return file.read()

    def _copy(self, entry: Entry, target: Path) -> None:
        with self._open(BLOBS, entry.sha256, entry.size) as file, target.open("wb") as copy:
            shutil.copyfileobj(file, copy)

    def _refresh(self, room: str, name: str) -> bool:
        self._place(room, name)
        return self._refresh_answer(name) if room == MEMO else self._is_believed(_key(room, name))

    def _refresh_answer(self, name: str) -> bool:
        found = self.bucket.find(_key(MEMO, name))
        if found and found.age > YOUNG_S:
            self._write(MEMO, name, self._read(MEMO, name))
        return found is not None

    def _adopt(self, scratch: Path, room: str, name: str) -> None:
        key = _key(room, name)
        try:
            if room == MEMO:
                _seal(scratch)
                self.bucket.put(key, scratch)
                return
            if not self._is_believed(key) and not self._is_young(key, scratch):
                self.bucket.put(key, scratch)
            self._believe(key)
            self.cache.add(scratch, self._place(room, name))
        finally:
            scratch.unlink(missing_ok=True)

    def _open(self, room: str, name: str, size: int | None = None) -> IO[bytes]:
        """The file, open: nobody who makes room can take it from whoever reads."""
        place = self._place(room, name)
        if room != MEMO and (copy := self.cache.open(place, size)):
            return copy
        with self._begin() as (_, scratch):
            self.bucket.get(_key(room, name), scratch, lambda path: _is_right(room, name, path))
            file = scratch.open("rb")
            if room == MEMO:
                file.seek(SEAL)
                scratch.unlink()
            else:
                self.cache.add(scratch, place)
        return file

    def _is_young(self, key: str, scratch: Path) -> bool:
        """Whether something large need not be sent."""
        found = self.bucket.find(key) if scratch.stat().st_size > SMALL_BYTES else None
        return found is not None and found.age < YOUNG_S

    def _is_believed(self, key: str) -> bool:
        return time.monotonic() - self._believed.get(key, -BELIEVED_S) < BELIEVED_S

    def _believe(self, key: str) -> None:
        if len(self._believed) >= MOST_BELIEVED:
            self._believed.clear()
        self._believed[key] = time.monotonic()


def _key(room: str, name: str) -> str:
    return f"{room}/{name[:2]}/{name[2:]}"


def _seal(scratch: Path) -> None:
    content = scratch.read_bytes()
    scratch.write_bytes(hashlib.sha256(content).hexdigest().encode() + content)


def _is_right(room: str, name: str, file: Path) -> bool:
    if room == BLOBS:
        with file.open("rb") as blob:
            return hashlib.file_digest(blob, "sha256").hexdigest() == name
    content = file.read_bytes()
    if room == MEMO:
        return hashlib.sha256(content[SEAL:]).hexdigest().encode() == content[:SEAL]
    try:
        return room == TREES and digest_of(json.loads(content)) == name
    except ValueError:
        return False
