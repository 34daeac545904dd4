"""Clears away what killed shims left behind: folders and control groups, by rights empty; touches no living run."""

from contextlib import suppress
from pathlib import Path

from grading.sandboxes.cgroups import FOLDER, end_members, find_group
from grading.sandboxes.chamber import home, is_alive


def leftovers(cgroup: str | None = None) -> list[Path]:
    """Folders named after a process that no longer lives."""
    folders = [*home().iterdir(), *find_group(cgroup).folders()]
    return [folder for folder in folders if not is_alive(folder.name.removeprefix(f"{FOLDER}-"))]


def sweep(cgroup: str | None = None) -> int:
    """Remove them; how many there were. Run it when a worker starts."""
    removed = 0
    for folder in leftovers(cgroup):
        end_members(folder)
        with suppress(OSError):
            folder.rmdir()
            removed += 1
    return removed
