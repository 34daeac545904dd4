"""Watches, while others work, how long somebody who writes waits for a lock of the database."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from scripts.stage import Stage

LOOK_EVERY_S = 0.5
# What the figures mean, by the kind of installation.
MEANS = {"small": "A writer's wait for SQLite's lock, ms", "services": "Queries of PostgreSQL that wait for a lock"}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@contextmanager
def watch_locks(stage: Stage) -> Iterator[list[float]]:
    """Figures as MEANS says, one for each look; nothing is written."""
    seen: list[float] = []
    done = threading.Event()
    look = {"small": _try_sqlite, "services": _ask_postgresql}[stage.kind]
    thread = threading.Thread(target=look, args=(stage, seen, lambda: done.wait(LOOK_EVERY_S)))
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _try_sqlite(stage: Stage, seen: list[float], is_done: Callable[[], bool]) -> None:
    place = Path(stage.settings["MILEPOST_VAR"]) / "milepost.sqlite3"
    with closing(sqlite3.connect(place, timeout=20, isolation_level=None)) as database:
        while not is_done():
            began = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            seen.append((time.perf_counter() - began) * 1000)
            database.execute("ROLLBACK")


def _ask_postgresql(stage: Stage, seen: list[float], is_done: Callable[[], bool]) -> None:
    with psycopg.connect(stage.settings["DATABASE_URL"], autocommit=True) as database:
        while not is_done():
            [waiting] = database.execute(WAITING).fetchone() or (0,)
            seen.append(waiting)
