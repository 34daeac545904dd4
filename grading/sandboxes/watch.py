"""Watches one running jail and ends it when it must: time, memory, output, or because nobody wants it any more.

It measures from outside and believes nothing that the jailed say, their exit code included: that is only passed on.
"""

import json
import os
import select
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

from grading.sandboxes.base import Limits, Reason, SandboxFault
from grading.sandboxes.cgroups import Group
from grading.sandboxes.launch import Child
from grading.sandboxes.output import Output
from grading.sandboxes.telling import Telling

MB = 1 << 20
BLOCK = 65536
EVERY_MS = 50
# A pipe holds this many blocks at most; a survivor that keeps writing cannot hold us.
LEFT_IN_A_PIPE = 16
REAP_WITHIN_S = 15
NOTES = 16_384


@dataclass(frozen=True, slots=True)
class Ending:
    """How the tree ended: `cut` says why we or the kernel ended it, None that it ended by itself, with a `code`."""

    cut: Reason | None
    code: int | None
    cpu_s: float
    wall_s: float
    stdout: str
    stderr: str


class Watch:
    """One child from `go` to its last breath; `orders` is the descriptor whose end means that we are not wanted."""

    def __init__(self, child: Child, limits: Limits, group: Group, orders: int, telling: Telling | None = None) -> None:
        self.child, self.limits, self.group, self.orders, self.telling = child, limits, group, orders, telling
        keep = limits.output_kb * 1024
        self.out, self.err = Output(keep), Output(keep)
        self.status, self.trouble = Output(NOTES), Output(NOTES)
        self.streams = {
            child.stdout: self.out,
            child.stderr: self.err,
            child.status: self.status,
            child.trouble: self.trouble,
        }
        self.cut: Reason | None = None
        self.start = time.monotonic()
        self.cpu_before = group.cpu_s()

    def until_dead(self) -> Ending:
        self._follow()
        wall_s = time.monotonic() - self.start
        self._drain()
        self._reap()
        if self.trouble.seen:
            raise SandboxFault(f"the jail could not be entered: {self.trouble.text()}")
        if self.cut is None and self.group.over_memory():
            # The kernel killed and bwrap was gone before our next look: told as if we had looked in time.
            self.cut = Reason.OUT_OF_MEMORY
        code = self._exit_code() if self.cut is None else None
        if code is None and self.cut is None:
            raise SandboxFault(f"the jail could not be built: {self.err.text()[-500:]}")
        return Ending(self.cut, code, self.cpu_s(), wall_s, self.out.text(), self.err.text())

    def _follow(self) -> None:
        poll = select.poll()
        death = os.pidfd_open(self.child.pid)
        for opened in (*self.streams, death, self.orders):
            poll.register(opened, select.POLLIN)
        for opened in self.streams:
            os.set_blocking(opened, False)
        alive = True
        while alive:
            if self.cut is None and (reason := self._over_limit()):
                self._end(reason)
            for opened, _ in poll.poll(self._pause_ms()):
                if opened == death:
                    alive = False
                elif opened == self.orders:
                    self._hear_orders(poll)
                elif not self._read(opened):
                    poll.unregister(opened)
            if self.telling and alive and self.cut is None:
                self.telling.tell()
        os.close(death)

    def _pause_ms(self) -> int:
        left = (self.start + self.limits.wall_s - time.monotonic()) * 1000
        return max(1, min(EVERY_MS, int(left) + 1)) if self.cut is None else EVERY_MS

    def _over_limit(self) -> Reason | None:
        if time.monotonic() - self.start > self.limits.wall_s:
            return Reason.TIMED_OUT
        if self.group.over_memory():
            return Reason.OUT_OF_MEMORY
        if self.cpu_s() > self.limits.cpu_s:
            return Reason.OUT_OF_CPU
        if self.out.seen + self.err.seen > self.limits.output_kill_mb * MB:
            return Reason.TOO_MUCH_OUTPUT
        return None

    def cpu_s(self) -> float:
        return self.group.cpu_s() - self.cpu_before

    def _end(self, reason: Reason) -> None:
        """bwrap's death takes its process namespace along, and so every process in it."""
        self.cut = reason
        with suppress(ProcessLookupError):
            os.kill(self.child.pid, signal.SIGKILL)

    def _hear_orders(self, poll: "select.poll") -> None:
        if not os.read(self.orders, BLOCK):
            poll.unregister(self.orders)
            self._end(self.cut or Reason.KILLED_BY_US)

    def _read(self, opened: int) -> bool:
        """Whether there may be more."""
        try:
            data = os.read(opened, BLOCK)
        except BlockingIOError:
            return True
        self.streams[opened].add(data)
        if self.telling and opened in (self.child.stdout, self.child.stderr):
            self.telling.add(data)
        return bool(data)

    def _drain(self) -> None:
        for opened in self.streams:
            with suppress(BlockingIOError):
                for _ in range(LEFT_IN_A_PIPE):
                    data = os.read(opened, BLOCK)
                    if not data:
                        break
                    self.streams[opened].add(data)
            os.close(opened)

    def _reap(self) -> None:
        """The first process of a namespace can be reaped only when the kernel has ended all others in it."""
        deadline = time.monotonic() + REAP_WITHIN_S
        while os.waitpid(self.child.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                raise SandboxFault(f"a process of the jail was still alive {REAP_WITHIN_S} s after it was killed")
            time.sleep(0.002)

    def _exit_code(self) -> int | None:
        """bwrap's own word for it; none when it died before the program did."""
        for line in self.status.text().splitlines():
            with suppress(ValueError):
                note = json.loads(line)
                if "exit-code" in note:
                    return int(note["exit-code"])
        return None
