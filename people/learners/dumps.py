"""Copies the database out to a file while it is used, and back into an empty one. Knows not what is in it.

Passwords go to PostgreSQL's programs by their environment, and stand in no command line.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"
VARIABLES = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
PATIENCE_S = 5.0


class DumpFault(Exception):
    """The database could not be copied; the text says why."""


def name_dump() -> str:
    """What a copy of this installation's database is called: each kind has a form of its own."""
    return SQLITE if connection.vendor == "sqlite" else POSTGRESQL


def dump_database(folder: Path) -> Path:
    """The database as it is at one instant, though others write meanwhile. Raises DumpFault."""
    file = folder / name_dump()
    if file.name == SQLITE:
        source = f"{Path(connection.settings_dict['NAME']).resolve().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(source, uri=True, timeout=PATIENCE_S)) as live,
            closing(sqlite3.connect(file)) as to,
        ):
            live.backup(to)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")
    return file


def is_empty() -> bool:
    """Whether the database has no table."""
    return not connection.introspection.table_names()


def load_database(file: Path) -> None:
    """Put a dump in the place of whatever the database holds; nobody else may use it meanwhile. Raises DumpFault."""
    if file.name == SQLITE:
        connection.close()
        place = Path(connection.settings_dict["NAME"])
        place.parent.mkdir(parents=True, exist_ok=True)
        for part in ("-wal", "-shm"):
            place.with_name(place.name + part).unlink(missing_ok=True)
        shutil.move(file, place)
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", _dbname(), str(file))


def _dbname() -> str:
    return f"--dbname={connection.settings_dict['NAME']}"


def _run(program: str, *words: str) -> None:
    given = {variable: str(connection.settings_dict[name]) for name, variable in VARIABLES.items()}
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    try:
        done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise DumpFault(f"{program} is not installed; it comes with PostgreSQL's client programs.") from missing
    if done.returncode:
        raise DumpFault(f"{program} ended with {done.returncode}: {done.stderr.strip()[-1000:]}")
