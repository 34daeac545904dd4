"""Watches a plain process and ends it with its group when it must. Measures what the kernel says of it afterwards."""

import os
import resource
import select
import signal
import subprocess
import time
from contextlib import suppress

from grading.sandboxes.base import Exit, Limits, Reason
from grading.sandboxes.launch import resource_limits
from grading.sandboxes.output import Output
from grading.sandboxes.uncounted import descendants, look_at

MB = 1 << 20
BLOCK = 65536
EVERY_MS = 50
LEFT_IN_A_PIPE = 16
BY_SIGNAL = 128
ENDED_BY = {signal.SIGXCPU: Reason.OUT_OF_CPU, signal.SIGXFSZ: Reason.DISK_FULL}
# Counted per user and not per run: a learner's browser would use it up.
UNCOUNTED = {resource.RLIMIT_NPROC, resource.RLIMIT_SIGPENDING}


class Watched:
    """One process that leads a session of its own; `ended` says how it ended, once `until_dead` is over."""

    ended: Exit

    def __init__(self, process: "subprocess.Popen[bytes]", limits: Limits) -> None:
        self.process, self.limits = process, limits
        for name, bounds in resource_limits(limits).items():
            if name not in UNCOUNTED:
                with suppress(ProcessLookupError):
                    resource.prlimit(process.pid, name, bounds)
        keep = limits.output_kb * 1024
        assert process.stdout
        assert process.stderr
        self.streams = {process.stdout.fileno(): Output(keep), process.stderr.fileno(): Output(keep)}
        self.alive = True
        self.cut: Reason | None = None
        self.start = time.monotonic()
        self.peak = 0

    def until_dead(self) -> Exit:
        poll, death = select.poll(), os.pidfd_open(self.process.pid)
        for opened in (*self.streams, death):
            poll.register(opened, select.POLLIN)
        for opened in self.streams:
            os.set_blocking(opened, False)
        while self.alive:
            if reason := self._over_limit():
                self.stop(reason)
            for opened, _ in poll.poll(EVERY_MS):
                if opened == death:
                    self.alive = False
                elif not self._read(opened):
                    poll.unregister(opened)
        os.close(death)
        self.ended = self._reap()
        return self.ended

    def stop(self, reason: Reason) -> None:
        """End the process and all that it started and that has not left its session."""
        if self.alive:
            self.cut = self.cut or reason
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def _over_limit(self) -> Reason | None:
        if self.cut:
            return None
        if time.monotonic() - self.start > self.limits.wall_s:
            return Reason.TIMED_OUT
        if sum(output.seen for output in self.streams.values()) > self.limits.output_kill_mb * MB:
            return Reason.TOO_MUCH_OUTPUT
        seen = [look_at(pid) for pid in (self.process.pid, *descendants(self.process.pid))]
        self.peak = max(self.peak, sum(one.memory for one in seen))
        if sum(one.cpu_s for one in seen) > self.limits.cpu_s:
            return Reason.OUT_OF_CPU
        return Reason.OUT_OF_MEMORY if self.peak > self.limits.memory_mb * MB else None

    def _read(self, opened: int) -> bool:
        """Whether there may be more."""
        try:
            data = os.read(opened, BLOCK)
        except BlockingIOError:
            return True
        self.streams[opened].add(data)
        return bool(data)

    def _reap(self) -> Exit:
        wall_s = time.monotonic() - self.start
        # What it left running in its session goes with it, before its number can be another's.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        _, status, used = os.wait4(self.process.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        # What ended by itself just before we could end it, ended by itself.
        cut = self.cut if code == -signal.SIGKILL else None
        self.process.returncode = code
        for opened in self.streams:
            for _ in range(LEFT_IN_A_PIPE):
                if not self._read(opened):
                    break
        stdout, stderr = (output.text() for output in self.streams.values())
        return Exit(
            reason=cut or _reason_for(code),
            code=None if cut else code if code >= 0 else BY_SIGNAL - code,
            cpu_s=round(used.ru_utime + used.ru_stime, 4),
            wall_s=round(wall_s, 4),
            memory_mb=round(self.peak / MB, 1),
            stdout=stdout,
            stderr=stderr,
        )


def _reason_for(code: int) -> Reason:
    if code >= 0:
        return Reason.FINISHED
    return ENDED_BY.get(signal.Signals(-code), Reason.CRASHED)
