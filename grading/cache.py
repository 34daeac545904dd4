"""Copies of kept files on this host, bounded in bytes: what was not used for longest goes first.

Several processes share one folder. A file comes in by a rename, so nobody reads half of one; who has one open keeps it
when it goes. How much there is stands in a file beside them, changed under a lock.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LOCK = "cache.lock"
# Of its bound, what is left when room was made: else each file that comes in would look through all of them.
KEPT_SHARE = 0.9


class Cache:
    """Files in `root/<room>/ab/cdef…` for the rooms given; `most` bytes of them in all."""

    def __init__(self, root: Path, rooms: tuple[str, ...], most: int) -> None:
        self.root, self.rooms, self.most = root, rooms, most

    def open(self, place: Path, size: int | None = None) -> IO[bytes] | None:
        """The file, open, and newly used; None where it is not here. One of another size is thrown away."""
        try:
            file = place.open("rb")
        except FileNotFoundError:
            return None
        if size is not None and os.fstat(file.fileno()).st_size != size:
            file.close()
            place.unlink(missing_ok=True)
            return None
        os.utime(file.fileno())
        return file

    def add(self, scratch: Path, place: Path) -> None:
        """Take a finished file in; one that is larger than the whole bound is not kept."""
        size = scratch.stat().st_size
        with self._holding() as count:
            if size > self.most or place.exists():
                scratch.unlink()
                return
            total = _read_count(count)
            if total is None or total + size > self.most:
                total = self._make_room(int(self.most * KEPT_SHARE) - size)
            # Before the file: who is killed between the two leaves a count that is too high, and is set right above.
            _write_count(count, total + size)
            place.parent.mkdir(exist_ok=True)
            scratch.replace(place)

    def _make_room(self, goal: int) -> int:
        """Throw away what was used longest ago until no more than `goal` is left; gives what is left."""
        files = sorted(self._list_files())
        total = sum(size for _used, size, _path in files)
        for _used, size, path in files:
            if total <= max(goal, 0):
                break
            path.unlink(missing_ok=True)
            total -= size
        return total

    def _list_files(self) -> Iterator[tuple[int, int, Path]]:
        for room in self.rooms:
            for path in (self.root / room).glob("*/*"):
                try:
                    told = path.stat()
                except FileNotFoundError:
                    continue
                yield told.st_mtime_ns, told.st_size, path

    @contextmanager
    def _holding(self) -> Iterator[IO[str]]:
        with (self.root / LOCK).open("a+") as count:
            fcntl.flock(count, fcntl.LOCK_EX)
            yield count


def _read_count(count: IO[str]) -> int | None:
    """None where nobody has counted yet."""
    count.seek(0)
    told = count.read()
    return int(told) if told.isdecimal() else None


def _write_count(count: IO[str], total: int) -> None:
    count.truncate(0)
    count.write(str(total))
    count.flush()
