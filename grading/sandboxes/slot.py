"""The shim's side of a warm start: a jail that has imported its libraries waits for its one order, then runs it.

What waits is trusted: no line of a learner's has run in it. It is used for one run and then it is gone, as every jail.
"""

import marshal
import os
import select
import socket
import time
from contextlib import suppress

from grading.sandboxes.base import SandboxFault
from grading.sandboxes.launch import Child, resource_limits
from grading.sandboxes.order import Order

BLOCK = 65536
WARM_WITHIN_S = 120
TAKEN_WITHIN_S = 10


class Slot:
    """A jail that waits at the other end of `channel`; `orders` is the descriptor that its own order comes from."""

    def __init__(self, child: Child, channel: socket.socket, orders: int) -> None:
        self.child, self.channel, self.orders = child, channel, orders

    def expect_warm(self) -> list[str]:
        """The names of the top-level modules that it holds, once it holds them all."""
        heard, deadline = b"", time.monotonic() + WARM_WITHIN_S
        while not heard.endswith(b"\0"):
            if self._wait_for(self.channel.fileno(), deadline) is None:
                raise SandboxFault(f"the libraries were not imported within {WARM_WITHIN_S} s")
            heard += self.channel.recv(BLOCK)
        if said := self._said():
            raise SandboxFault(f"the libraries print when they are imported: {said[-300:]!r}")
        return heard[:-1].decode().split("\n")

    def wanted(self) -> bool:
        """Wait until there is an order, or nobody left to give one."""
        return self._wait_for(self.orders) is not None

    def _wait_for(self, opened: int, deadline: float | None = None) -> int | None:
        """The descriptor once it can be read from; SandboxFault when the jail dies before."""
        death = os.pidfd_open(self.child.pid)
        poll = select.poll()
        for watched in {death, opened, self.orders}:
            poll.register(watched, select.POLLIN)
        left = None if deadline is None else max(0, deadline - time.monotonic()) * 1000
        ready = {found for found, _ in poll.poll(left)}
        os.close(death)
        if death in ready:
            raise SandboxFault(f"the jail died while it was warmed: {self._said()[-300:]!r}")
        if opened in ready:
            return opened
        if self.orders in ready:
            raise SandboxFault("nobody waits any more")
        return None

    def _said(self) -> bytes:
        """What it has printed up to now, taken out of the pipes."""
        said = b""
        for pipe in (self.child.stdout, self.child.stderr):
            os.set_blocking(pipe, False)
            with suppress(BlockingIOError):
                said += os.read(pipe, BLOCK)
        return said

    def start(self, job: Order, listener: socket.socket | None) -> None:
        """Tell it its job and hang up: before the first line of the job there is nobody left to talk to."""
        told = {
            "argv": job.argv,
            "cwd": job.cwd,
            "limits": {int(limit): values for limit, values in resource_limits(job.limits).items()},
        }
        self.channel.settimeout(TAKEN_WITHIN_S)
        socket.send_fds(self.channel, [b"j"], [] if listener is None else [listener.fileno()])
        # A format that every Python reads: the learner's may be another than ours.
        self.channel.sendall(marshal.dumps(told, 2))
        self.channel.close()
