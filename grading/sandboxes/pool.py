"""Jails that wait warm: made ahead in the background, given out once, thrown away; knows nothing of who asks for what.

A pool belongs to one process. What it holds dies with that process, however it ends: each shim sees its stdin end.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grading.sandboxes.base import Environment, Limits, Mount, SandboxFault
from grading.sandboxes.bubblewrap import Shim

log = logging.getLogger(__name__)

# A slot older than this is thrown away, and a kind that nobody asked for in that time is no longer kept ready.
OLDEST_S = 1800
PAUSE_S = 0.05
WARM_WITHIN_S = 180
# After a kind failed to warm up, its runs start cold for a while.
SPOILT_S = 300
# Never so many slots that less of the host's memory is left to runs.
LEAST_FREE = 0.25
# The most that a run in a warm jail can be given; more starts cold.
LIMITS = Limits(
    cpu_s=600, wall_s=3600, memory_mb=2048, processes=512, open_files=1024, file_mb=4096, out_mb=512, tmp_mb=512
)


@dataclass(frozen=True, slots=True)
class Kind:
    """All that an interpreter sees while it starts; slots of one kind are interchangeable."""

    environment: Environment
    modules: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    mounts: tuple[Mount, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A warm jail, what it holds, and since when."""

    shim: Shim
    names: frozenset[str]
    memory_mb: float
    born: float = field(default_factory=time.monotonic)

    @property
    def usable(self) -> bool:
        return time.monotonic() - self.born < OLDEST_S and self.shim.silent()

    @contextmanager
    def used(self) -> Iterator[Shim]:
        """For the one run that it has in it."""
        try:
            yield self.shim
        finally:
            self.throw_away()

    def throw_away(self) -> None:
        self.shim.stop()


Start = Callable[[Kind], Shim]


class Pool:
    """At most `size` slots of each kind that was asked for lately; `start` begins to warm one up."""

    def __init__(self, start: Start, size: int) -> None:
        self.start, self.size = start, size
        self._begin()
        # A forked child must not hold the pipes of our slots open, nor give out what is ours.
        os.register_at_fork(after_in_child=self._forget)

    def _begin(self) -> None:
        self.changed = threading.Condition()
        self.ready: dict[Kind, list[Slot]] = {}
        self.asked: dict[Kind, float] = {}
        self.spoilt: dict[Kind, float] = {}
        self.keeper: threading.Thread | None = None
        self.warming: Shim | None = None
        self.closed = False
        self.given = 0

    def _forget(self) -> None:
        for slots in self.ready.values():
            for slot in slots:
                slot.shim.forget()
        self._begin()

    def take(self, kind: Kind, fits: Callable[[Slot], bool]) -> Slot | None:
        """A slot of this kind for good, or none. Either way the pool learns what is asked for."""
        with self.changed:
            self.asked[kind] = time.monotonic()
            slots = self.ready.get(kind, [])
            found = next((slot for slot in slots if slot.usable and fits(slot)), None)
            if found:
                slots.remove(found)
                self.given += 1
            if self.keeper is None and not self.closed:
                self.keeper = threading.Thread(target=self._keep, name="milepost-warm", daemon=True)
                self.keeper.start()
            self.changed.notify_all()
        return found

    def wait_until_full(self, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self._lacking() is None, seconds)

    def close(self) -> None:
        """Throw everything away; what is asked for from now on starts cold."""
        with self.changed:
            self.closed = True
            if self.warming:
                self.warming.let_go()
            self.changed.notify_all()
        if self.keeper:
            self.keeper.join(WARM_WITHIN_S)

    def _keep(self) -> None:
        """The one thread that makes slots, one after the other, when nobody else needs the machine."""
        while not self.closed:
            self._throw_away_stale()
            with self.changed:
                kind = self._lacking()
                # Asked again under the lock: a pool that was closed just now has notified already.
                if kind is None and not self.closed:
                    self.changed.wait(OLDEST_S / 10)
            if kind is not None and not self.closed:
                if not (idle() and roomy()):
                    time.sleep(PAUSE_S)
                else:
                    self._add(kind)
        for slots in self.ready.values():
            while slots:
                slots.pop().throw_away()

    def _lacking(self) -> Kind | None:
        """Of the kinds that lack a slot, the one that was asked for last."""
        now = time.monotonic()
        wanted = [
            kind
            for kind, asked in self.asked.items()
            if now - asked < OLDEST_S
            and now - self.spoilt.get(kind, -SPOILT_S) >= SPOILT_S
            and len(self.ready.get(kind, [])) < self.size
        ]
        return max(wanted, key=self.asked.__getitem__, default=None)

    def _add(self, kind: Kind) -> None:
        try:
            slot = self._warm_up(self.start(kind))
        except (SandboxFault, OSError) as fault:
            if self.closed:
                return
            log.warning("no warm start of %s: %s", " ".join(kind.modules), fault)
            with self.changed:
                self.spoilt[kind] = time.monotonic()
                self.changed.notify_all()
            return
        with self.changed:
            self.ready.setdefault(kind, []).append(slot)
            self.changed.notify_all()

    def _warm_up(self, shim: Shim) -> Slot:
        """Wait until it holds its libraries, or until the pool is closed."""
        shim.begin()
        with self.changed:
            self.warming = shim
            if self.closed:
                shim.let_go()
        try:
            told = shim.expect("warm", WARM_WITHIN_S)
        except BaseException:
            shim.stop()
            raise
        finally:
            self.warming = None
        return Slot(shim, frozenset(told["warm"]), told["memory_mb"])

    def _throw_away_stale(self) -> None:
        now = time.monotonic()
        with self.changed:
            stale = []
            for kind, slots in self.ready.items():
                wanted = now - self.asked[kind] < OLDEST_S
                stale += [slot for slot in slots if not (wanted and slot.usable)]
                slots[:] = [slot for slot in slots if slot not in stale]
        for slot in stale:
            slot.throw_away()


def idle() -> bool:
    """Whether a core is free at this moment: fewer processes want to run than there are cores, we not counted."""
    running = Path("/proc/loadavg").read_text().split()[3].partition("/")[0]
    return int(running) - 1 < (os.cpu_count() or 1)


def roomy() -> bool:
    memory = read_memory()
    return memory["MemAvailable"] > memory["MemTotal"] * LEAST_FREE


def read_memory() -> dict[str, int]:
    """This host's memory in bytes, by the kernel's names."""
    lines = (line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return {name: int(told.split()[0]) * 1024 for name, told in lines}
