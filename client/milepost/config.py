"""Remembers where you are logged in, and which project a folder is. Tokens are readable by you alone."""

import json
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from milepost.troubles import Refused

MARKER = ".milepost.toml"


@dataclass
class Logins:
    """Tokens by server address, and the server that was logged in at last."""

    latest: str = ""
    tokens: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProjectFolder:
    """A learner's folder, and the project that it was begun for."""

    root: Path
    server: str
    project: str


def config_file() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home, "milepost", "config.json")


def read_logins() -> Logins:
    try:
        return Logins(**json.loads(config_file().read_text()))
    except FileNotFoundError:
        return Logins()
    except (ValueError, TypeError) as broken:
        raise Refused(f"{config_file()} cannot be read: {broken}.", "Delete it and log in again.") from broken


def keep_login(address: str, token: str) -> None:
    logins = read_logins()
    logins.latest = address
    logins.tokens[address] = token
    path = config_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    # Made for its owner alone from the first byte on, not opened up and then closed.
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"latest": logins.latest, "tokens": logins.tokens}, file, indent=2)
    fresh.replace(path)


def tidy_address(address: str) -> str:
    """The address as it is kept. Raises Refused for what is no web address."""
    parts = urlsplit(address.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(f"{address!r} is no web address.", "Write it out, for example http://localhost:8000.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def travels_in_clear(address: str) -> bool:
    """Whether a password sent there could be read on the way."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}


def mark_folder(root: Path, server: str, project: str) -> None:
    (root / MARKER).write_text(f"server = {json.dumps(server)}\nproject = {json.dumps(project)}\n")


def find_folder(start: Path | None = None) -> ProjectFolder | None:
    """The project folder that this folder is, or lies in."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return _read_marker(folder)
    return None


def require_folder() -> ProjectFolder:
    folder = find_folder()
    if folder is None:
        raise Refused(
            "This folder belongs to no project.", "Go to the folder that `milepost start` made.", "no-project-folder"
        )
    return folder


def choose_login(folder: ProjectFolder | None) -> tuple[str, str]:
    """The server to talk to, and the token for it."""
    logins = read_logins()
    named = os.environ.get("MILEPOST_SERVER", "")
    address = tidy_address(named) if named else folder.server if folder else logins.latest
    if not address:
        raise Refused("You are not logged in anywhere.", "milepost login http://…", "not-logged-in")
    if token := os.environ.get("MILEPOST_TOKEN", ""):
        _refuse_to_leak(address, named, logins)
        return address, token
    if address not in logins.tokens:
        raise Refused(f"You are not logged in at {address}.", f"milepost login {address}", "not-logged-in")
    return address, logins.tokens[address]


def _refuse_to_leak(address: str, named: str, logins: Logins) -> None:
    # A folder from a stranger may name the stranger's own server; the token is not for that.
    if not named and address != logins.latest:
        raise Refused(
            f"MILEPOST_TOKEN is set, but only this folder says that it is for {address}.",
            f"Set MILEPOST_SERVER={address} as well, if you trust that address.",
            "server-not-named",
        )


def _read_marker(folder: Path) -> ProjectFolder:
    path = folder / MARKER
    try:
        told = tomllib.loads(path.read_text())
        return ProjectFolder(folder, tidy_address(str(told["server"])), str(told["project"]))
    except (tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as broken:
        raise Refused(f"{path} cannot be read: {broken}.", "It must name `server` and `project`.") from broken
