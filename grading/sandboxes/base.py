"""The port to every jail: what is asked of one, and how it says that a run ended. Knows no jail in particular."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. Megabytes are 2**20 bytes; seconds of CPU are summed over the whole process tree."""

    cpu_s: float = 20
    wall_s: float = 60
    memory_mb: int = 1024
    processes: int = 64
    open_files: int = 256
    file_mb: int = 64
    out_mb: int = 64
    out_files: int = 200
    tmp_mb: int = 128
    output_kb: int = 64
    output_kill_mb: int = 16


class Reason(StrEnum):
    """Why a process tree is no more.

    Only FINISHED says that it ended by itself, and not even that says that it did well: see the exit code. CRASHED is
    death by a signal. An app that was served until its context was left ends as KILLED_BY_US: that is its good end.
    """

    FINISHED = "finished"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    OUT_OF_CPU = "out of CPU time"
    OUT_OF_MEMORY = "out of memory"
    TOO_MUCH_OUTPUT = "too much output"
    TOO_MANY_PROCESSES = "too many processes"
    DISK_FULL = "disk full"
    KILLED_BY_US = "killed by us"


class SandboxFault(Exception):
    """The jail itself failed, or may not be used on this host: never the learner's fault."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of the host, read-only inside at an absolute path under /work, /package or /ours."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter with its libraries; `digest` names its lock, so equal digests mean equal libraries.

    Each of `flavours` lists modules that a jail may import ahead, for programs that import the first of them.
    """

    python: Path
    digest: str
    flavours: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to run inside: `argv` after the interpreter, in `cwd`, with nothing of our environment but `variables`.

    Whatever it writes to `/work/out` is taken out into `collect` after the tree is dead, if `expected` names it
    (file name -> largest size in MB). `sources` is the host path of a Unix socket on which a trusted process of ours
    speaks HTTP; inside, it is reached at http://127.0.0.1:8100. `listener` is a socket path on the host that the
    caller connects to: for `Sandbox.serve` the jail makes it, for `Sandbox.run` it is mounted at /work/service.sock.
    `said` hears, now and then while `Sandbox.run` waits, the last lines that were printed: untrusted, without controls.
    """

    argv: tuple[str, ...]
    environment: Environment
    limits: Limits
    mounts: tuple[Mount, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "/work/tree"
    collect: Path | None = None
    expected: Mapping[str, float] = field(default_factory=dict)
    sources: Path | None = None
    listener: Path | None = None
    said: Callable[[str], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """Something in the output folder that was not taken out: its printable name and a clause that says why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ended, measured from outside; `stdout` and `stderr` are untrusted text, cut and free of controls.

    `code` is what the program ended with; none when it did not end by itself.
    """

    reason: Reason
    code: int | None
    cpu_s: float
    wall_s: float
    memory_mb: float
    stdout: str = ""
    stderr: str = ""
    files: tuple[str, ...] = ()
    refused: tuple[RefusedFile, ...] = ()

    @property
    def abnormal(self) -> bool:
        return self.reason is not Reason.FINISHED or self.code != 0


@dataclass(slots=True)
class Served:
    """A server that runs inside until its context is left; then `exit` says how it ended."""

    ended: Exit | None = None

    @property
    def exit(self) -> Exit:
        if self.ended is None:
            raise RuntimeError("the app is still being served")
        return self.ended


class Sandbox(Protocol):
    """A jail. `layers` names what it enforces on this host; both verbs raise SandboxFault when the fault is ours."""

    @property
    def layers(self) -> tuple[str, ...]: ...

    def run(self, command: Command) -> Exit: ...

    def serve(self, command: Command, target: str) -> AbstractContextManager[Served]:
        """Serve the ASGI or WSGI callable `target` ("package.module:name") on `command.listener`; or, where `target`
        is empty, run `command.argv`, which listens on 127.0.0.1 at the port that the variable PORT gives it."""
        ...
