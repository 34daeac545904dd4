"""What would be done anew for every test or every run of the tests, and comes out alike each time."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from servestatic.middleware import ServeStaticMiddleware

ROOT = Path(__file__).resolve().parent.parent
MIGRATED = ROOT / ".pytest_cache" / "migrated"


def look_once(look: Callable[[ServeStaticMiddleware], None]) -> Callable[[ServeStaticMiddleware], None]:
    """Each Client has middleware of its own, which looks through every static file: one look serves them all."""
    seen: list[ServeStaticMiddleware] = []

    def add(middleware: ServeStaticMiddleware) -> None:
        if not seen:
            look(middleware)
            seen.append(middleware)
        middleware.files.update(seen[0].files)
        middleware.directories = list(seen[0].directories)

    return add


def name_migrated() -> Path:
    """Where a database is kept that every migration has made, by what the migrations and what they stand on say."""
    rooms = (ROOT / "people", ROOT / "curriculum")
    files = [path for room in rooms for path in room.rglob("*.py") if path.parent.name == "migrations"]
    digest = sha256()
    for path in sorted([*files, *(ROOT / "people").glob("*.py"), ROOT / "requirements.txt"]):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return MIGRATED / f"{digest.hexdigest()[:32]}.sqlite3"


def begin_migrated(database: Path) -> None:
    """Migrations that were done for an earlier run are not done again: whatever is missing still is."""
    kept = name_migrated()
    if kept.exists():
        shutil.copyfile(kept, database)


def keep_migrated(database: Path) -> None:
    kept = name_migrated()
    if kept.exists():
        return
    MIGRATED.mkdir(parents=True, exist_ok=True)
    whole = kept.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(whole),))
    # Another hand may keep the same meanwhile: what it writes is left alone.
    whole.replace(kept)
    for old in MIGRATED.glob("*.sqlite3"):
        if old != kept:
            old.unlink(missing_ok=True)
