"""The jail made of bubblewrap, control groups and a system call filter: the worker's side of it.

Each run is a process of its own, the shim, which holds all the rights that a jail takes to build; this side only says
what it wants and waits. It never reads what the learner wrote, except through the shim's answer.
"""

import json
import logging
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from grading.sandboxes.base import Command, Exit, SandboxFault, Served
from grading.sandboxes.cgroups import find_group
from grading.sandboxes.order import Bind, Order, exit_from_fields

log = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
SHIM = (sys.executable, "-S", "-P", "-m", "grading.sandboxes.shim")
SHIM_ENVIRONMENT = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
RUNNER, BRIDGE = "/jail/runner.py", "/jail/bridge.py"
SOURCES, SERVICE = "/jail/sources.sock", "/work/service.sock"
TARGETS = ("/work/", "/package", "/ours")
TAKEN_TARGETS = ("/work/out", SERVICE)
HOST_FOLDERS = (Path("/usr/bin"), Path("/usr"))
# What the shim may take beyond the wall limit: building, collecting, clearing away, on a busy host.
GRACE_S = 60
STOP_S = 20
BLOCK = 65536

STRICT = frozenset({"memory", "pids", "uid"})
ALWAYS = (
    "user namespace",
    "mount namespace",
    "process namespace",
    "network namespace",
    "IPC namespace",
    "host name namespace",
    "no capabilities",
    "no new privileges",
    "no nested user namespaces",
    "system call filter",
    "resource limits",
    "sized file systems",
    "read-only root",
)

VARIABLES = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108 - a path inside
    "TMPDIR": "/tmp",  # noqa: S108 - the jail's own
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUNBUFFERED": "1",
    "JOBLIB_TEMP_FOLDER": "/tmp",  # noqa: S108 - the jail's own
    "LOKY_MAX_CPU_COUNT": "1",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp",  # noqa: S108 - the jail's own
} | dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "RAYON_NUM_THREADS",
        "POLARS_MAX_THREADS",
    ),
    "1",
)


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The jail. `require` names what must be enforced on every run, or the run is refused with a SandboxFault."""

    require: frozenset[str] = STRICT
    cgroup: str | None = field(default_factory=lambda: os.environ.get("MILEPOST_CGROUP"))

    @property
    def layers(self) -> tuple[str, ...]:
        group = find_group(self.cgroup)
        counted = tuple(f"{group.kind}: {name}" for name in sorted(group.counted))
        return (*ALWAYS, *counted, *(("user of its own",) if os.geteuid() == 0 else ()))

    def run(self, command: Command) -> Exit:
        with Shim(self.order(command, [*programs(command), *inputs(command)], ("run", *command.argv))) as shim:
            return shim.exit_within(command.limits.wall_s + GRACE_S, command.said)

    @contextmanager
    def serve(self, command: Command, target: str) -> Iterator[Served]:
        binds = [*programs(command), *inputs(replace(command, listener=None))]
        with Shim(self.order(command, binds, serving_words(command, target), listening_path(command))) as shim:
            shim.expect("ready")
            with attend(shim, command) as served:
                yield served

    def order(self, command: Command, binds: list[Bind], argv: tuple[str, ...], listen: str | None = None) -> Order:
        return Order(
            argv=[str(command.environment.python), "-s", "-P", RUNNER, *argv],
            limits=command.limits,
            binds=binds,
            variables=VARIABLES | dict(command.variables),
            cwd=command.cwd,
            collect=None if command.collect is None else str(command.collect),
            expected=dict(command.expected),
            listen=listen,
            require=sorted(self.require),
            cgroup=self.cgroup,
            tells=command.said is not None,
        )


def serving_words(command: Command, target: str) -> tuple[str, ...]:
    """What the runner is told: a callable to serve, or a command that listens by itself."""
    return ("serve", target) if target else ("listen", *command.argv)


@contextmanager
def attend(shim: "Shim", command: Command) -> Iterator[Served]:
    """An app that is ready to be asked, until the context is left."""
    served = Served()
    try:
        yield served
    finally:
        # Not before: callers of an app that died by itself are to be refused, not to miss the path.
        Path(listening_path(command)).unlink(missing_ok=True)
        shim.let_go()
        served.ended = shim.exit_within(GRACE_S)


def listening_path(command: Command) -> str:
    if command.listener is None:
        raise SandboxFault("a served app needs a listener: the path of the socket to make")
    return str(command.listener)


def programs(command: Command) -> list[Bind]:
    """What every run of this environment sees: our runner, and the interpreter with its libraries."""
    ours = [Bind(str(HERE / "runner.py"), RUNNER), Bind(str(HERE / "bridge.py"), BRIDGE)]
    return [*ours, *interpreter(command.environment.python)]


def inputs(command: Command) -> list[Bind]:
    """What this run alone sees."""
    binds = []
    for mount in command.mounts:
        _expect_target(mount.target)
        binds.append(Bind(str(mount.source), mount.target))
    if command.sources is not None:
        binds.append(Bind(str(command.sources), SOURCES))
    if command.listener is not None:
        binds.append(Bind(str(command.listener), SERVICE))
    return binds


def _expect_target(target: str) -> None:
    if (
        not target.startswith(TARGETS)
        or target in TAKEN_TARGETS
        or str(PurePosixPath(target)) != target
        or ".." in target
    ):
        raise SandboxFault(f"nothing can be mounted at {target!r}: choose a path under /work, /package or /ours")


def interpreter(python: Path) -> list[Bind]:
    """The environment and the Python it was made from, at their own paths, so that its links and scripts hold."""
    if not python.exists():
        raise SandboxFault(f"there is no interpreter at {python}")
    base = python.resolve().parent.parent
    folders = dict.fromkeys((base, *_named_home(python.parent.parent), python.parent.parent))
    return [Bind(str(folder), str(folder), programs=True) for folder in folders if folder not in HOST_FOLDERS]


def _named_home(environment: Path) -> list[Path]:
    """The base as the environment itself names it, which may be a link to the real one."""
    with suppress(OSError):
        for line in (environment / "pyvenv.cfg").read_text().splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "home":
                return [Path(value.strip()).parent]
    return []


class Shim:
    """One shim process and the talk with it; leaving the context ends it and all that it started."""

    def __init__(self, order: Order) -> None:
        self.line = order.to_line().encode()
        self.heard = b""

    def __enter__(self) -> "Shim":
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def begin(self) -> None:
        pipe = subprocess.PIPE
        # A session of its own: Ctrl-C is for the worker, whose end the shim then notices by itself.
        self.process = subprocess.Popen(
            SHIM, stdin=pipe, stdout=pipe, stderr=pipe, env=SHIM_ENVIRONMENT, cwd="/", start_new_session=True
        )
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stderr
        self.orders, self.answers, self.errors = self.process.stdin, self.process.stdout, self.process.stderr
        self._tell(self.line)

    def tell(self, order: Order) -> None:
        """The second order, to a shim that is warm."""
        self._tell(order.to_line().encode())

    def _tell(self, line: bytes) -> None:
        with suppress(BrokenPipeError):
            self.orders.write(line)
            self.orders.flush()

    def stop(self) -> None:
        self.let_go()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.answers.close()
        self.errors.close()

    def forget(self) -> None:
        """In a forked child, to which it does not belong."""
        for pipe in (self.orders, self.answers, self.errors):
            pipe.close()

    def let_go(self) -> None:
        with suppress(BrokenPipeError):
            self.orders.close()

    def expect(self, word: str, seconds: float = GRACE_S) -> dict[str, Any]:
        answer = self._answer_within(seconds)
        if word not in answer:
            raise SandboxFault(str(answer.get("fault", answer)))
        return answer

    def silent(self) -> bool:
        """Whether it lives and has said nothing more, as one does that waits for an order."""
        return self.process.poll() is None and not select.select([self.answers], [], [], 0)[0]

    def exit_within(self, seconds: float, said: Callable[[str], None] | None = None) -> Exit:
        deadline = time.monotonic() + seconds
        while True:
            answer = self._answer_within(max(0, deadline - time.monotonic()))
            if "exit" in answer:
                return _note_exit(exit_from_fields(answer["exit"]))
            if "said" not in answer:
                log.warning("the jail failed: %s", answer.get("fault", answer))
                raise SandboxFault(str(answer.get("fault", answer)))
            if said:
                said(answer["said"])

    def _answer_within(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while b"\n" not in self.heard:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise SandboxFault(f"the jail gave no answer within {seconds:g} s")
            data = os.read(self.answers.fileno(), BLOCK)
            if not data:
                raise SandboxFault(f"the jail's shim ended without an answer: {self._last_words()}")
            self.heard += data
        line, _, self.heard = self.heard.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        return self.errors.read().decode("utf-8", "replace")[-500:].strip() or "it said nothing"


def _note_exit(ended: Exit) -> Exit:
    """Never what was printed inside: that is anybody's text."""
    used = (ended.reason, ended.code, ended.wall_s, ended.cpu_s, ended.memory_mb)
    log.info("the jail ended: %s, code %s, %.2f s, %.2f s of CPU, %.0f MB", *used)
    return ended
