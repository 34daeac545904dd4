"""Measures one run where no control group can: by looking at /proc now and then. A quick program can outrun it."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grading.sandboxes.base import Limits

MB = 1 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Seen:
    """What /proc says of our descendants at one moment."""

    memory: int
    cpu_s: float


class Uncounted:
    """No control group: looks at all descendants now and then. A quick enough program can overshoot."""

    kind = "looking at /proc"
    counted: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.most = 0
        self.peak = 0
        self.used = 0.0

    def create(self, name: str, limits: Limits) -> None:
        self.limit(limits)

    def limit(self, limits: Limits) -> None:
        self.most = limits.memory_mb * MB

    def step_back(self) -> None:
        return

    def doors(self) -> list[str]:
        return []

    def _look(self) -> Seen:
        seen = [look_at(pid) for pid in descendants(os.getpid())]
        now = Seen(sum(one.memory for one in seen), sum(one.cpu_s for one in seen))
        self.peak = max(self.peak, now.memory)
        self.used = max(self.used, now.cpu_s)
        return now

    def cpu_s(self) -> float:
        self._look()
        ended = os.times()
        return max(self.used, ended.children_user + ended.children_system)

    def over_memory(self) -> bool:
        self._look()
        return self.peak > self.most

    def refused_processes(self) -> int:
        return 0

    def peak_mb(self) -> float:
        return self.peak / MB

    def kill(self) -> None:
        return

    def remove(self) -> None:
        return

    def folders(self) -> list[Path]:
        return []


def descendants(pid: int) -> list[int]:
    """All that this process has started, directly or not, as far as it is still theirs."""
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def look_at(pid: int) -> Seen:
    """What one process uses, without what it shares with others; nothing for one that is gone."""
    with suppress(OSError, IndexError):
        _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return Seen((resident - shared) * PAGE, sum(map(int, fields[11:15])) / TICK)
    return Seen(0, 0.0)
