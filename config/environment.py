"""Reads settings from environment variables, and stops the start with a sentence when one cannot be used."""

import os
from pathlib import Path

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


class SettingError(SystemExit):
    """A wrong setting: the process stops with this sentence."""


def read_text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"{name} is not set; the server needs it. See docs/operating.md.")
    return value


def read_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        raise SettingError(f"{name} is {value!r}; say 1 or 0.")
    return value in TRUE


def read_int(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit():
        raise SettingError(f"{name} is {value!r}; it must be a whole number.")
    return int(value)


def read_path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, default)).expanduser().resolve()


def read_list(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]
