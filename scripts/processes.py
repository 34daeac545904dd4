"""What processes use, as /proc counts it."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
USED, USED_BY_THE_DEAD = slice(11, 13), slice(11, 15)


def cpu_s(pid: int) -> float:
    """Of this process alone."""
    return _read_times(pid, USED)


def family_cpu_s(pid: int) -> float:
    """Of a process and all its descendants, those that have ended and were waited for as well."""
    return sum(_read_times(one, USED_BY_THE_DEAD) for one in list_family(pid))


def memory_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def list_family(pid: int) -> list[int]:
    """A process and all its descendants that live; one that ends meanwhile is left out."""
    family, unseen = [], [pid]
    while unseen:
        one = unseen.pop()
        family.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            unseen += _read_children(task)
    return family


def _read_children(task: Path) -> list[int]:
    try:
        return [int(child) for child in task.read_text().split()]
    except OSError:
        return []


def _read_times(pid: int, which: slice) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[which])) / TICK


def host_cpu_s() -> tuple[float, float]:
    """Of the whole host since it started: what all cores worked, and what they could have."""
    fields = [int(one) / TICK for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)
