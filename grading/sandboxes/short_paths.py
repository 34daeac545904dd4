"""Short ways to long paths: the address of a Unix socket holds 107 letters, and a store may lie deeper than that.

Neither moves a socket: it lies where it was asked for, under the permissions of the folders that lead there.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_LETTERS = 107
# What is bound or reached below a linked folder: /link/work/restarted.sock, and what learners' libraries make in /tmp.
ROOM_BELOW = 60
ANYWHERE = "/tmp"  # noqa: S108 - the folder made in it is ours alone


@contextmanager
def shortened(path: Path) -> Iterator[str]:
    """Another name of this path, for one call of this process: by way of its open folder."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@contextmanager
def linked(folder: Path) -> Iterator[Path]:
    """Another name of this folder, for every process of this user while the context lasts."""
    usual = tempfile.gettempdir()
    place = usual if len(usual) <= MOST_LETTERS - ROOM_BELOW else ANYWHERE
    with tempfile.TemporaryDirectory(dir=place, prefix="milepost-") as home:
        link = Path(home, "run")
        link.symlink_to(folder.resolve())
        yield link
