"""Counts and limits what one run uses, by the kernel's control groups where this host lets us; knows no sandbox.

Version 2 works in a subtree delegated to us, version 1 below our own groups; where neither can, `Uncounted` stands in.
The operator may name the group to build in by MILEPOST_CGROUP.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from grading.sandboxes.base import Limits
from grading.sandboxes.uncounted import Uncounted

MB = 1 << 20
ROOT = Path("/sys/fs/cgroup")
FOLDER = "milepost"
# bwrap's two processes and our bridge live in the group as well.
OWN_PROCESSES = 4
V1_CONTROLLERS = ("memory", "pids", "cpuacct", "cpu")
V1_SHARE, V1_SMALL_SHARE = 1024, 100
V2_WEIGHT, V2_SMALL_WEIGHT = 100, 10


class Group(Protocol):
    """One run's group: `counted` is what the kernel enforces for it, `doors` the files that a process enters by.

    `limit` sets new limits and gives the full share of CPU time; `step_back` takes most of it away
    while others want it.
    """

    counted: frozenset[str]
    kind: str

    def create(self, name: str, limits: Limits) -> None: ...
    def limit(self, limits: Limits) -> None: ...
    def step_back(self) -> None: ...
    def doors(self) -> list[str]: ...
    def cpu_s(self) -> float: ...
    def over_memory(self) -> bool: ...
    def refused_processes(self) -> int: ...
    def peak_mb(self) -> float: ...
    def kill(self) -> None: ...
    def remove(self) -> None: ...
    def folders(self) -> list[Path]: ...


def find_group(named: str | None = None) -> "Group":
    """The best that this host offers to this user; memory and processes are limited together or not at all."""
    with suppress(OSError, KeyError):
        group: Group = V2(named) if (ROOT / "cgroup.controllers").exists() else V1(named)
        if {"memory", "pids"} <= group.counted:
            return group
    return Uncounted()


def _memberships() -> dict[str, str]:
    """Controller -> our own group in its hierarchy; the empty name is version 2."""
    found = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        found.update(dict.fromkeys(controllers.split(","), path))
    return found


def _numbers(path: Path) -> dict[str, int]:
    """A file of `name number` lines; none when the kernel does not have it."""
    with suppress(OSError):
        return {key: int(number) for key, number in map(str.split, path.read_text().splitlines())}
    return {}


def _number(path: Path) -> int:
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return 0


def _write(path: Path, value: object) -> None:
    path.write_text(str(value))


def _members(folder: Path) -> list[int]:
    with suppress(OSError):
        return [int(line) for line in (folder / "cgroup.procs").read_text().split()]
    return []


def end_members(folder: Path) -> None:
    """Kill what is still in a group; a run's process namespace has done so already, unless it failed."""
    for _ in range(500):
        left = _members(folder)
        if not left:
            return
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


def _remove(folder: Path) -> None:
    """A group can be removed only when the kernel has let go of its last process, a moment after its death."""
    for _ in range(200):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return


class V1:
    """One folder for each controller, below the group that we are in ourselves."""

    kind = "cgroup v1"

    def __init__(self, named: str | None = None) -> None:
        own = _memberships()
        self.bases: dict[str, Path] = {}
        for controller in V1_CONTROLLERS:
            base = ROOT / controller / (named or own.get(controller, "")).strip("/") / FOLDER
            with suppress(OSError):
                base.mkdir(parents=True, exist_ok=True)
                if os.access(base, os.W_OK):
                    self.bases[controller] = base
        self.counted = frozenset(self.bases) if "cpuacct" in self.bases else frozenset()
        self.name = ""

    def _folder(self, controller: str) -> Path:
        return self.bases[controller] / self.name

    def create(self, name: str, limits: Limits) -> None:
        self.name = name
        for controller in self.bases:
            self._folder(controller).mkdir()
        self.limit(limits)
        if "cpu" in self.bases:
            _write(self._folder("cpu") / "cpu.cfs_quota_us", _number(self._folder("cpu") / "cpu.cfs_period_us"))

    def limit(self, limits: Limits) -> None:
        """Memory with swap may never be less than memory alone: that limit goes first and comes back last."""
        memory, both = self._folder("memory"), "memsw.limit_in_bytes"
        with suppress(OSError):
            _write(memory / f"memory.{both}", -1)
        _write(memory / "memory.limit_in_bytes", limits.memory_mb * MB)
        for optional, value in ((both, limits.memory_mb * MB), ("swappiness", 0)):
            with suppress(OSError):
                _write(memory / f"memory.{optional}", value)
        _write(self._folder("pids") / "pids.max", limits.processes + OWN_PROCESSES)
        self._share(V1_SHARE)

    def step_back(self) -> None:
        self._share(V1_SMALL_SHARE)

    def _share(self, share: int) -> None:
        if "cpu" in self.bases:
            _write(self._folder("cpu") / "cpu.shares", share)

    def doors(self) -> list[str]:
        return [str(self._folder(controller) / "cgroup.procs") for controller in self.bases]

    def cpu_s(self) -> float:
        return _number(self._folder("cpuacct") / "cpuacct.usage") / 1e9

    def over_memory(self) -> bool:
        return _numbers(self._folder("memory") / "memory.oom_control").get("oom_kill", 0) > 0

    def refused_processes(self) -> int:
        return _numbers(self._folder("pids") / "pids.events").get("max", 0)

    def peak_mb(self) -> float:
        """The peak without the pages of files that were only read: those the kernel drops when it needs room."""
        memory = self._folder("memory")
        stat = _numbers(memory / "memory.stat")
        read = stat.get("total_cache", 0) - stat.get("total_shmem", 0)
        return max(0, _number(memory / "memory.max_usage_in_bytes") - read) / MB

    def kill(self) -> None:
        for controller in self.bases:
            end_members(self._folder(controller))

    def remove(self) -> None:
        for controller in self.bases:
            _remove(self._folder(controller))

    def folders(self) -> list[Path]:
        return [run for base in self.bases.values() for run in base.iterdir() if run.is_dir()]


class V2:
    """One folder in a subtree that is delegated to us (systemd: Delegate=yes)."""

    kind = "cgroup v2"

    def __init__(self, named: str | None = None, root: Path = ROOT) -> None:
        self.base = root / (named or _memberships()[""]).strip("/")
        wanted = {"memory", "pids", "cpu"} & set((self.base / "cgroup.controllers").read_text().split())
        self._hand_down(wanted - set((self.base / "cgroup.subtree_control").read_text().split()))
        self.counted = frozenset(wanted)
        self.folder = self.base

    def _hand_down(self, controllers: set[str]) -> None:
        if not controllers:
            return
        line = " ".join(f"+{controller}" for controller in sorted(controllers))
        try:
            _write(self.base / "cgroup.subtree_control", line)
        except OSError:
            # A group that hands controllers down may hold no process itself: we move into a leaf first.
            leaf = self.base / f"{FOLDER}-worker"
            leaf.mkdir(exist_ok=True)
            for pid in _members(self.base):
                _write(leaf / "cgroup.procs", pid)
            _write(self.base / "cgroup.subtree_control", line)

    def create(self, name: str, limits: Limits) -> None:
        self.folder = self.base / f"{FOLDER}-{name}"
        self.folder.mkdir()
        self.limit(limits)
        with suppress(OSError):
            _write(self.folder / "memory.swap.max", 0)
        _write(self.folder / "memory.oom.group", 1)
        if "cpu" in self.counted:
            _write(self.folder / "cpu.max", "100000 100000")

    def limit(self, limits: Limits) -> None:
        _write(self.folder / "memory.max", limits.memory_mb * MB)
        _write(self.folder / "pids.max", limits.processes + OWN_PROCESSES)
        self._weigh(V2_WEIGHT)

    def step_back(self) -> None:
        self._weigh(V2_SMALL_WEIGHT)

    def _weigh(self, weight: int) -> None:
        if "cpu" in self.counted:
            _write(self.folder / "cpu.weight", weight)

    def doors(self) -> list[str]:
        return [str(self.folder / "cgroup.procs")]

    def cpu_s(self) -> float:
        return _numbers(self.folder / "cpu.stat").get("usage_usec", 0) / 1e6

    def over_memory(self) -> bool:
        return _numbers(self.folder / "memory.events").get("oom_kill", 0) > 0

    def refused_processes(self) -> int:
        return _numbers(self.folder / "pids.events").get("max", 0)

    def peak_mb(self) -> float:
        stat = _numbers(self.folder / "memory.stat")
        read = stat.get("file", 0) - stat.get("shmem", 0)
        return max(0, _number(self.folder / "memory.peak") - read) / MB

    def kill(self) -> None:
        with suppress(OSError):
            _write(self.folder / "cgroup.kill", 1)
        end_members(self.folder)

    def remove(self) -> None:
        if self.folder != self.base:
            _remove(self.folder)

    def folders(self) -> list[Path]:
        return list(self.base.glob(f"{FOLDER}-*"))
