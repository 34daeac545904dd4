"""Reads a backup into an empty installation. Nothing is changed before all of it was compared with its digests."""

import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from grading.store import TREES
from people.learners.backups import (
    ABOUT,
    COPIED,
    FORMAT,
    MANIFEST,
    REPOSITORIES,
    ROOMS,
    SECRETS,
    STORE,
    list_repositories,
)
from people.learners.collecting import find_missing
from people.learners.dumps import is_empty, load_database, name_dump
from people.learners.facilities import store

KEYS = {"secret-key": ("SECRET_KEY", "SECRET_KEY"), "world-secret": ("WORLD_SECRET", "MILEPOST_WORLD_SECRET")}


class RestoreFault(Exception):
    """The backup was not read in; the text says why, and what to do."""


def restore(file: Path, replace: bool = False) -> list[str]:
    """Make this installation what the backup is of; gives what rows name and the store does not have.

    replace: though there is something here already, which is lost. Raises RestoreFault.
    """
    with _unpack(file) as (folder, about):
        _check_database(about)
        _check_secrets(folder)
        if not replace:
            _check_empty()
        _take_store(folder)
        _take_repositories(folder)
        _take_secrets(folder)
        load_database(folder / name_dump())
    connection.close()
    call_command("migrate", verbosity=0)
    return find_missing(store())


@contextmanager
def _unpack(file: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The backup's files in a folder that is thrown away, each compared with its digest."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix="restoring-") as name:
        folder = Path(name)
        if not file.is_file():
            raise RestoreFault(f"There is no file {file}.")
        try:
            with tarfile.open(file, "r:") as tar:
                tar.extractall(folder, filter="data")
            about: dict[str, Any] = json.loads((folder / ABOUT).read_bytes())
            manifest: dict[str, str] = json.loads((folder / MANIFEST).read_bytes())
        except FileNotFoundError as missing:
            raise RestoreFault(f"{file} is no whole backup of Milepost: {missing.filename} is missing.") from missing
        except (tarfile.TarError, OSError, ValueError) as fault:
            raise RestoreFault(f"{file} cannot be read as a backup: {fault}.") from fault
        _compare(folder, manifest)
        if about.get("format") != FORMAT:
            raise RestoreFault(f"{file} has the form {about.get('format')!r}; this Milepost reads {FORMAT}.")
        yield folder, about


def _compare(folder: Path, manifest: dict[str, str]) -> None:
    found = {
        path.relative_to(folder).as_posix(): _digest(path)
        for path in folder.rglob("*")
        if path.is_file() and path != folder / MANIFEST
    }
    if wrong := sorted({*found.items()} ^ {*manifest.items()}):
        raise RestoreFault(f"The backup is damaged, at {wrong[0][0]} first; nothing was changed. Take another one.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_database(about: dict[str, Any]) -> None:
    if about["database"] != name_dump():
        raise RestoreFault(
            f"The backup holds {about['database']}, and DATABASE_URL names a database of another kind "
            f"({name_dump()}); name one of the same."
        )
    if about["store"] == COPIED or settings.STORE_BUCKET:
        return
    raise RestoreFault(f"The backup's store is {about['store']}, which it does not copy; set STORE_URL to it.")


def _check_secrets(folder: Path) -> None:
    """A secret that the environment gives is not ours to change."""
    for name, (setting, variable) in KEYS.items():
        place, given = settings.VAR_DIR / name, getattr(settings, setting)
        is_of_environment = not place.exists() or place.read_text() != given
        if is_of_environment and given != (folder / SECRETS / name).read_text():
            raise RestoreFault(f"{variable} is another than the backup's; set it to that, or not at all.")


def _check_empty() -> None:
    here = [
        ("the database has tables", not is_empty()),
        ("there are repositories", bool(list_repositories())),
        ("the store is not empty", settings.STORE_BUCKET is None and next(store().list_kept(TREES), None) is not None),
    ]
    if told := ", ".join(sentence for sentence, holds in here if holds):
        raise RestoreFault(
            f"This installation is not empty: {told}. Restore into an empty one, or say --replace: "
            "then what is in this one is lost."
        )


def _take_store(folder: Path) -> None:
    """Beside what is there already: what has the same name is the same."""
    for room in ROOMS:
        for path in (folder / STORE / room).glob("??/*"):
            store().take_in(room, path.parent.name + path.name, path)


def _take_repositories(folder: Path) -> None:
    place = Path(settings.REPOSITORIES_DIR)
    for repository in list_repositories():
        shutil.rmtree(repository)
    for path in sorted((folder / REPOSITORIES).glob("??/*.git")):
        (place / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.move(path, place / path.parent.name / path.name)


def _take_secrets(folder: Path) -> None:
    for name in KEYS:
        place = settings.VAR_DIR / name
        if place.exists():
            place.chmod(0o600)
            place.write_text((folder / SECRETS / name).read_text())
