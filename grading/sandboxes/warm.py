"""The jail again, but started ahead: a run finds its libraries already imported; whatever does not fit starts cold.

A warm run is to be told from a cold one by its clock and its command line in /proc alone. What an interpreter sees
while it starts is part of a slot's kind; files that would have been imported in a library's place, and limits that a
slot cannot take, start cold.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from grading.measuring import count
from grading.sandboxes.base import Command, Exit, Mount, SandboxFault, Served
from grading.sandboxes.bubblewrap import (
    GRACE_S,
    Bubblewrap,
    Shim,
    attend,
    inputs,
    listening_path,
    programs,
    serving_words,
)
from grading.sandboxes.flavours import choose_flavour, own_names
from grading.sandboxes.order import Order
from grading.sandboxes.pool import LIMITS, Kind, Pool, Slot

# What is mounted here is ours, the same for every run of an environment, and there when its interpreter starts.
OURS = "/ours/"
# A run that has little memory must not pay for libraries that it may not use.
TIMES_ITS_MEMORY = 2
FIXED = ("cpu_s", "wall_s", "memory_mb", "processes", "open_files", "file_mb", "out_mb", "tmp_mb")


class Warm:
    """A Sandbox: `jail`, with up to `slots` warm starts waiting for each kind of command."""

    def __init__(self, jail: Bubblewrap, slots: int) -> None:
        self.jail = jail
        self.pool = Pool(self._start, slots)

    @property
    def layers(self) -> tuple[str, ...]:
        return self.jail.layers

    def run(self, command: Command) -> Exit:
        if slot := self._take(command):
            with slot.used() as shim:
                if self._begins(shim, command, ("run", *command.argv)):
                    count("starts_total", kind="warm")
                    return shim.exit_within(command.limits.wall_s + GRACE_S, command.said)
        count("starts_total", kind="cold")
        return self.jail.run(command)

    @contextmanager
    def serve(self, command: Command, target: str) -> Iterator[Served]:
        listen = listening_path(command)
        if slot := self._take(command):
            with slot.used() as shim:
                if self._begins(shim, replace(command, listener=None), serving_words(command, target), listen):
                    count("starts_total", kind="warm")
                    with attend(shim, command) as served:
                        yield served
                    return
        count("starts_total", kind="cold")
        with self.jail.serve(command, target) as served:
            yield served

    def close(self) -> None:
        self.pool.close()

    def _take(self, command: Command) -> Slot | None:
        kind = self.kind(command)
        return self.pool.take(kind, lambda slot: self.fits(slot, command)) if kind.modules else None

    def kind(self, command: Command) -> Kind:
        ours = tuple(mount for mount in command.mounts if _is_ours(mount))
        variables = tuple(sorted(command.variables.items()))
        return Kind(command.environment, choose_flavour(command), variables, ours)

    def fits(self, slot: Slot, command: Command) -> bool:
        limits = command.limits
        return (
            all(getattr(limits, name) <= getattr(LIMITS, name) for name in FIXED)
            and slot.memory_mb * TIMES_ITS_MEMORY <= limits.memory_mb
            and slot.names.isdisjoint(own_names(command))
        )

    def _start(self, kind: Kind) -> Shim:
        """Begin to warm up; what the command adds comes later, by a second order."""
        still = Command((), kind.environment, LIMITS, mounts=kind.mounts, variables=dict(kind.variables), cwd="/")
        order = self.jail.order(still, [*programs(still), *inputs(still)], ("wait", *kind.modules))
        return Shim(replace(order, waits=True))

    def _begins(self, shim: Shim, command: Command, argv: tuple[str, ...], listen: str | None = None) -> bool:
        """Whether the run has begun. If not, none of its lines has run: it can still be started cold."""
        shim.tell(self._order(command, argv, listen))
        try:
            shim.expect("ready")
        except SandboxFault:
            return False
        return True

    def _order(self, command: Command, argv: tuple[str, ...], listen: str | None) -> Order:
        own = replace(command, mounts=tuple(mount for mount in command.mounts if not _is_ours(mount)))
        return self.jail.order(own, inputs(own), argv, listen)


def _is_ours(mount: Mount) -> bool:
    return mount.target.startswith(OURS)
