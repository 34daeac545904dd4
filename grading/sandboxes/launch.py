"""The child that becomes bwrap: enters its group, takes its limits, gives up its rights; refuses to come back."""

import fcntl
import os
import resource
import select
import signal
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import NoReturn

from grading.sandboxes import syscalls
from grading.sandboxes.base import Limits

MB = 1 << 20
BWRAP = "bwrap"
PATH = "/usr/local/bin:/usr/bin:/bin"
LISTENER = 3
# Descriptors that outlive the clearing of the others live here, out of the way of 0 to 3.
HIGH = 100
PENDING_SIGNALS = 256
SPARE_PROCESSES = 16


def high(descriptor: int) -> int:
    """The same open file under a high number; the low one is closed."""
    raised = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH)
    os.close(descriptor)
    return raised


def high_pipe() -> tuple[int, int]:
    reading, writing = os.pipe2(os.O_CLOEXEC)
    return high(reading), high(writing)


def memory_file(name: str, data: bytes = b"") -> int:
    """An open file that has no path; read from its beginning by whoever inherits it."""
    opened = high(os.memfd_create(name, os.MFD_CLOEXEC))
    fill(opened, data)
    return opened


def fill(opened: int, data: bytes) -> None:
    os.write(opened, data)
    os.lseek(opened, 0, os.SEEK_SET)


def resource_limits(limits: Limits) -> dict[int, tuple[int, int]]:
    """What the kernel holds each single process to: soft and hard."""
    cpu = ceil(limits.cpu_s) + 1
    file_size = limits.file_mb * MB
    return {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (cpu, cpu + 1),
        resource.RLIMIT_NOFILE: (limits.open_files, limits.open_files),
        resource.RLIMIT_FSIZE: (file_size, file_size),
        resource.RLIMIT_MEMLOCK: (0, 0),
        resource.RLIMIT_MSGQUEUE: (0, 0),
        resource.RLIMIT_SIGPENDING: (PENDING_SIGNALS, PENDING_SIGNALS),
        resource.RLIMIT_NPROC: (limits.processes + SPARE_PROCESSES,) * 2,
    }


@dataclass(frozen=True, slots=True)
class Child:
    """A launched bwrap that waits for `go`, and our ends of its pipes."""

    pid: int
    go: int
    stdout: int
    stderr: int
    status: int
    trouble: int


@dataclass(frozen=True, slots=True)
class Launch:
    """What the child needs to know before it is forked; the arguments of bwrap may be written later."""

    program: list[str]
    limits: Limits
    doors: list[str]
    owner: int
    arguments: int
    seccomp: int
    status: int
    listener: int | None = None

    def fork(self, status_end: int) -> Child:
        go, go_end = high_pipe()
        out, out_end = high_pipe()
        err, err_end = high_pipe()
        trouble, trouble_end = high_pipe()
        pid = os.fork()
        if pid == 0:
            os.close(go_end)
            self._become_bwrap(go, out_end, err_end, trouble_end)
        for theirs in (go, out_end, err_end, trouble_end, self.status):
            os.close(theirs)
        return Child(pid, go_end, out, err, status_end, trouble)

    def _become_bwrap(self, go: int, out: int, err: int, trouble: int) -> NoReturn:
        try:
            syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
            for door in self.doors:
                _enter(door)
            if os.read(go, 1):
                self._arrange_descriptors(go, out, err, trouble)
                self._take_limits()
                self._give_up_rights()
                _expect_parent(go)
                program = [BWRAP, "--args", str(self.arguments), "--", *self.program]
                os.execvpe(BWRAP, program, {"PATH": PATH})  # noqa: S606 - no shell is wanted
        except BaseException as error:
            os.write(trouble, f"{type(error).__name__}: {error}".encode()[:500])
        os._exit(127)

    def _arrange_descriptors(self, go: int, out: int, err: int, trouble: int) -> None:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        inherited = {self.arguments, self.seccomp, self.status}
        if self.listener is not None:
            os.dup2(self.listener, LISTENER)
            inherited.add(LISTENER)
        for opened in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
            if opened > 2 and opened not in inherited | {trouble, go}:
                with suppress(OSError):
                    os.close(opened)
        for opened in inherited:
            os.set_inheritable(opened, True)

    def _take_limits(self) -> None:
        for limit, values in resource_limits(self.limits).items():
            resource.setrlimit(limit, values)

    def _give_up_rights(self) -> None:
        """bwrap started by root would map "nobody" to root of the host: the real user must change before it starts."""
        if self.owner != os.geteuid():
            os.setgroups([])
            os.setresgid(self.owner, self.owner, self.owner)
            os.setresuid(self.owner, self.owner, self.owner)
            # The change of user has cleared it.
            syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        os.umask(0o077)


def _expect_parent(go: int) -> None:
    """Our parent may have died while its death would not have been told to us: then its end of `go` is closed."""
    poll = select.poll()
    poll.register(go, select.POLLHUP)
    if poll.poll(0):
        raise ChildProcessError("the shim is gone")


def _enter(door: str) -> None:
    opened = os.open(door, os.O_WRONLY | os.O_CLOEXEC)
    os.write(opened, b"0")
    os.close(opened)
