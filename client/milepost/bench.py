"""Fetches what judges a project on this machine, and keeps it by digest: the engine, the checks, the locks."""

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from milepost import tree
from milepost.commands import show_progress
from milepost.config import ProjectFolder
from milepost.server import Server
from milepost.speech import complain
from milepost.troubles import Refused, Unreachable


@dataclass(frozen=True)
class Bench:
    """One bench, unpacked. `about` is what the server says of itself and of the edition: see bench.json in it."""

    folder: Path
    about: dict[str, Any]

    @property
    def engine(self) -> Path:
        return self.folder / "engine"

    @property
    def package(self) -> Path:
        return self.folder / "package"

    @property
    def environment(self) -> str:
        return str(self.about["environment"])

    @property
    def milestones(self) -> list[str]:
        return list(self.about["milestones"])

    def locks(self, environment: str) -> list[Path]:
        """The files that pin what is installed in this environment."""
        folder = self.engine / "environments" / environment
        return [path for path in (folder / "requirements.txt", folder / "torch.txt") if path.is_file()]


def cache_home() -> Path:
    """Where benches, environments and artefacts are kept. All of it can be had again, so all of it may be deleted."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "milepost")


def find_bench(folder: ProjectFolder, server: Server | None) -> Bench:
    """The newest bench of this folder's project; without a server, or when it is away, the last that was fetched."""
    note = _note_of(folder)
    known = note.read_text() if note.is_file() else ""
    if server is None:
        return _open_known(folder, known)
    try:
        digest = _fetch(server, folder.project, known if (_place(known) / "bench.json").is_file() else "")
    except Unreachable as away:
        if not known:
            raise
        complain(f"{away.sentence} Going on with what was fetched before.", "yellow")
        return _open_known(folder, known)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(digest)
    return _open(digest)


def _fetch(server: Server, project: str, known: str) -> str:
    with tempfile.TemporaryFile() as archive:
        with show_progress("bench") as on_bytes:
            digest = server.download(f"/api/projects/{project}/bench", archive, on_bytes, known)
        if digest == known != "":
            return digest
        if not digest:
            raise Unreachable("The server did not name what it sent.", "Look for a proxy that drops ETag.", "damaged")
        place = _place(digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".incoming-") as incoming:
            tree.unpack(archive, Path(incoming) / "bench")
            shutil.rmtree(place, ignore_errors=True)
            (Path(incoming) / "bench").replace(place)
    return digest


def _open_known(folder: ProjectFolder, known: str) -> Bench:
    if not known or not (_place(known) / "bench.json").is_file():
        raise Refused(
            f"What judges {folder.project} was never fetched to this machine.",
            "Run `milepost check` once where the server can be reached.",
            "no-bench",
        )
    return _open(known)


def _open(digest: str) -> Bench:
    place = _place(digest)
    try:
        return Bench(place, json.loads((place / "bench.json").read_text()))
    except (OSError, ValueError) as broken:
        raise Unreachable(f"What the server sent cannot be read: {broken}.", "Try again.", "damaged") from broken


def _place(digest: str) -> Path:
    # A server's word becomes a path: nothing but letters and digits of it.
    return cache_home() / "benches" / "".join(c for c in digest if c.isalnum())[:64]


def _note_of(folder: ProjectFolder) -> Path:
    """Where is written which bench was fetched last for this project of this server."""
    name = hashlib.sha256(f"{folder.server} {folder.project}".encode()).hexdigest()[:32]
    return cache_home() / "latest" / name
