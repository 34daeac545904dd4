"""Which modules a jail should hold before a command comes: read from the command's own files; runs none of them."""

import re
from pathlib import Path, PurePosixPath

from grading.sandboxes.base import Command

IMPORTS = re.compile(rb"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)
FROM_LISTS = re.compile(rb"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)


def read_flavours(path: Path) -> tuple[tuple[str, ...], ...]:
    """One flavour on each line: modules with spaces between. Lines that begin with # are remarks."""
    if not path.exists():
        return ()
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    return tuple(tuple(words) for words in lines if words)


def choose_flavour(command: Command) -> tuple[str, ...]:
    """The last flavour whose first module the command's own files import; a single flavour needs no look."""
    flavours = command.environment.flavours
    if len(flavours) < 2:
        return flavours[0] if flavours else ()
    imported = _imported(command)
    fitting = [flavour for flavour in flavours if flavour[0].partition(".")[0] in imported]
    return fitting[-1] if fitting else ()


def _imported(command: Command) -> set[str]:
    found: set[str] = set()
    for folder in _own_folders(command):
        for path in folder.rglob("*.py"):
            if path.is_symlink() or not path.is_file():
                continue
            text = path.read_bytes()
            found |= {name.decode() for name in IMPORTS.findall(text)}
            for names in FROM_LISTS.findall(text):
                found |= {name.strip().partition(".")[0] for name in names.decode().split(",")}
    return found


def own_names(command: Command) -> set[str]:
    """The names under which the command could import its own files, which come before any library's."""
    found = {entry.name for folder in _own_folders(command) for entry in folder.iterdir()}
    cwd = PurePosixPath(command.cwd)
    for mount in command.mounts:
        if cwd in PurePosixPath(mount.target).parents:
            found.add(PurePosixPath(mount.target).relative_to(cwd).parts[0])
    return {name.partition(".")[0] for name in found}


def _own_folders(command: Command) -> list[Path]:
    """Folders of the host that are seen where the command starts."""
    found = []
    for mount in command.mounts:
        target, cwd = PurePosixPath(mount.target), PurePosixPath(command.cwd)
        if target == cwd or target in cwd.parents:
            folder = mount.source / cwd.relative_to(target)
            found += [folder] if folder.is_dir() else []
    return found
