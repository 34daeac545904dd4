"""A jail for many hands: as many runs at once as there are cores, and runs that wait together run together.

Most of what a run costs is the start of its libraries. So those that wait for a core at the same moment share one jail,
in which each is a process of its own. Whatever comes out of a shared jail in any other way than well is done again
alone, so that no verdict is ever a neighbour's. It is for trees that come with a package: strangers share no jail.
"""

import os
import threading
from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

from grading.joined import likeness, run_joined
from grading.sandboxes.base import Command, Exit, Sandbox, Served

MOST_TOGETHER = 8


@dataclass(eq=False)
class _Waiting:
    command: Command
    like: Hashable
    ended: "Future[Exit]" = field(default_factory=Future)


class Gathering:
    """A Sandbox over another. Safe for many threads; each call still ends with its own run's end."""

    def __init__(self, jail: Sandbox, cores: int | None = None) -> None:
        self.jail = jail
        self.cores = cores or os.cpu_count() or 1
        self._free = threading.BoundedSemaphore(self.cores)
        self._hand = threading.local()
        self._lock = threading.Lock()
        self._queue: list[_Waiting] = []

    @property
    def layers(self) -> tuple[str, ...]:
        return self.jail.layers

    def run(self, command: Command) -> Exit:
        if self._holds_core:
            return self.jail.run(command)
        if (like := likeness(command)) is None:
            with self._core():
                return self.jail.run(command)
        own = _Waiting(command, like)
        with self._lock:
            self._queue.append(own)
        with self._core():
            together = self._take_with(own)
            if together:
                self._run_together(together)
        return own.ended.result()

    @contextmanager
    def serve(self, command: Command, target: str) -> Iterator[Served]:
        with self._core(), self.jail.serve(command, target) as served:
            yield served

    @property
    def _holds_core(self) -> bool:
        return getattr(self._hand, "holds", False)

    @contextmanager
    def _core(self) -> Iterator[None]:
        """A core of one's own. Who has one and asks again (a service beside a service, its examiner) keeps to that one:
        two hands that each held one and waited for a second would wait for ever."""
        if self._holds_core:
            yield
            return
        with self._free:
            self._hand.holds = True
            try:
                yield
            finally:
                self._hand.holds = False

    def _take_with(self, own: _Waiting) -> list[_Waiting]:
        """This one and those that wait with it and fit; nothing, if another hand took it along."""
        with self._lock:
            if own not in self._queue:
                return []
            fitting = [one for one in self._queue if one is not own and one.like == own.like]
            together = [own, *fitting[: MOST_TOGETHER - 1]]
            self._queue = [one for one in self._queue if one not in together]
            return together

    def _run_together(self, together: Sequence[_Waiting]) -> None:
        try:
            done = run_joined(self.jail, [one.command for one in together]) if len(together) > 1 else {}
        except BaseException as fault:  # whatever it is, nobody waits for ever
            for one in together:
                one.ended.set_exception(fault)
            return
        for number, one in enumerate(together):
            try:
                one.ended.set_result(done[number] if number in done else self.jail.run(one.command))
            except BaseException as fault:
                one.ended.set_exception(fault)
