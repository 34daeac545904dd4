"""Reads settings from environment variables, and stops the start with a sentence when one cannot be used.

A sentence names the variable and the remedy. It never repeats a value that may hold a password.
"""

import os
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.utils.module_loading import import_string

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})
HOST = re.compile(r"(\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])", re.IGNORECASE)
MAIL = re.compile(r"[^@<>]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+")
RECIPE = 'python -c "import secrets; print(secrets.token_urlsafe(50))" makes one'


class SettingError(SystemExit):
    """A wrong setting: the process stops with this sentence."""


def read_text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"{name} is not set; the server needs it. See docs/operating.md.")
    return value


def read_line(name: str, default: str) -> str:
    """A word for people: something that can be printed, in one line."""
    value = read_text(name, default).strip()
    if not value or not value.isprintable():
        raise SettingError(f"{name} is {value!r}; say a name in one line.")
    return value


def read_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        raise SettingError(f"{name} is {value!r}; say 1 or 0.")
    return value in TRUE


def read_int(name: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
    value = os.environ.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise SettingError(f"{name} is {value!r}; it must be a whole number from {least} to {most}.")
    return int(value)


def read_choice(name: str, default: str, choices: Collection[str]) -> str:
    value = read_text(name, default)
    if value not in choices:
        raise SettingError(f"{name} is {value!r}; say one of {', '.join(choices)}.")
    return value


def read_class(name: str, default: str) -> str:
    """The dotted name of a class that is there."""
    value = read_text(name, default)
    try:
        import_string(value)
    except ImportError as fault:
        raise SettingError(f"{name} is {value!r}, which cannot be imported ({fault}); name a class.") from fault
    return value


def read_list(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def read_hosts(name: str, default: str) -> list[str]:
    """Names of hosts, without scheme, port and path."""
    for host in (hosts := read_list(name, default)):
        if host != "*" and not HOST.fullmatch(host):
            raise SettingError(f"{name} names {host!r}; say hosts only, such as learn.example.org, between commas.")
    return hosts


def read_origins(name: str, default: str) -> list[str]:
    """Schemes with hosts, and nothing after them."""
    for origin in (origins := read_list(name, default)):
        scheme, _, host = origin.partition("://")
        if scheme not in {"http", "https"} or not re.fullmatch(r"[^/\s@?#]+", host):
            raise SettingError(f"{name} names {origin!r}; say scheme and host, such as https://learn.example.org.")
    return origins


def read_address(name: str, default: str) -> str:
    """Where a site is found: http or https, a host, perhaps a path; nowhere, if that may be."""
    value = read_text(name, default).rstrip("/")
    if not value and not default:
        return ""
    parts = split_url(name, value, ("http", "https"), say := "https://learn.example.org, as people find it.")
    if parts.username or parts.query or parts.fragment:
        raise SettingError(f"{name} has more than a host and a path; say {say}")
    return value


def read_sender(name: str, default: str) -> str:
    value = read_text(name, default)
    if not MAIL.fullmatch(value):
        raise SettingError(f"{name} is {value!r}; say an e-mail address, or Milepost <milepost@example.org>.")
    return value


def read_url(name: str, default: str, served: Collection[str], local: Collection[str] = ()) -> str:
    """An address of something that serves us, with a host; or of something in this process, without."""
    value = read_text(name, default)
    say = " or ".join([f"{scheme}://host:port/…" for scheme in served] + [f"{scheme}://" for scheme in local])
    split_url(name, value, served, say, local)
    return value


def split_url(name: str, value: str, schemes: Collection[str], say: str, local: Collection[str] = ()) -> SplitResult:
    """The parts of an address of one of these schemes; only the local ones need no host."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - looks whether it is a number
    except ValueError as fault:
        raise SettingError(f"{name} cannot be read as an address: {fault}; say {say}") from fault
    if "://" not in value or parts.scheme not in {*schemes, *local}:
        raise SettingError(f"{name} begins with {parts.scheme!r}; say {say}")
    if parts.scheme not in local and not parts.hostname:
        raise SettingError(f"{name} begins with {parts.scheme!r} and names no host; say {say}")
    return parts


def read_path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, default)).expanduser().resolve()


def read_folder(name: str, default: Path) -> Path:
    """A folder that is there, if one is named; the default may come later."""
    path = read_path(name, default)
    if name in os.environ and not path.is_dir():
        raise SettingError(f"{name} is {str(path)!r}, which is no folder; make it, or name another.")
    return path


def read_own_folder(name: str, default: Path) -> Path:
    """A folder that this process may write to, or may make."""
    return check_own_folder(name, read_path(name, default))


def check_own_folder(name: str, path: Path) -> Path:
    """Stops the start where this process may neither write to the folder nor make it."""
    nearest = next(place for place in (path, *path.parents) if place.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise SettingError(
            f"{name} is {str(path)!r}, where this process may not write; make it its own, or name another."
        )
    return path


def read_secret(name: str, kept: Path, least: int) -> str:
    """A secret from the environment, or this machine's own, made at the first start.

    Nobody runs Milepost with a secret out of a repository.
    """
    secret = read_text(name, "") or _keep_secret(name, kept)
    if len(secret) < least:
        raise SettingError(f"{name} is shorter than {least} letters, so it could be guessed; {RECIPE}.")
    return secret


def read_token(name: str, least: int) -> str:
    """A secret that opens one door; none where that door is to stay shut."""
    token = read_text(name, "")
    if token and len(token) < least:
        raise SettingError(f"{name} is shorter than {least} letters, so it could be guessed; {RECIPE}.")
    return token


def _keep_secret(name: str, path: Path) -> str:
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_text()
    except OSError as fault:
        raise SettingError(f"{name} is not set, and {path} cannot be kept ({fault.strerror}); set {name}.") from fault


def _make_secret(path: Path) -> None:
    """Whole or not at all: web and worker may start together, and both must have the one that was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    scratch.touch(mode=0o600)
    scratch.write_text(secrets.token_urlsafe(50))
    with suppress(FileExistsError):
        os.link(scratch, path)
    scratch.unlink()


def refuse_together(wrong: bool, sentence: str) -> None:
    """What cannot be meant together stops the start as well."""
    if wrong:
        raise SettingError(sentence)
