"""No jail: a plain process with resource limits, for a learner's own code on the learner's own machine.

`choose` never picks it and no server may import it; see docs/decisions/0015. It keeps what a jail promises to our own
side (the same paths in commands and tracebacks, the same collecting of the same files, the same words for how a run
ended) and nothing of what a jail promises about strangers: the code runs as the learner, sees their files and their
network, and the limits on memory and on the output folder are looked at, not enforced by the kernel.
"""

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from grading.sandboxes import bridge, runner
from grading.sandboxes.base import Command, Exit, Mount, Reason, SandboxFault, Served
from grading.sandboxes.bubblewrap import VARIABLES, listening_path, serving_words
from grading.sandboxes.collect import collect
from grading.sandboxes.plain_watch import Watched
from grading.sandboxes.short_paths import linked, shortened

RUNNER = Path(runner.__file__).resolve()
LAYERS = ("resource limits",)
# The runner as in the jail, told where here its listening socket, its bridge and its port are.
SERVER = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("runner", {runner!r})
runner = module_from_spec(spec)
spec.loader.exec_module(runner)
runner.LISTENER, runner.BRIDGE, runner.PORT = {listener}, {bridge!r}, {port}
runner.main()
"""
INSIDE = re.compile(r"(?<![\w/.-])/(?:work|package|ours)(?=/|$|:)")
SOURCES_URL = f"http://127.0.0.1:{runner.SOURCES_PORT}"
READ_ONLY = ("/work/tree", "/work/in/")
MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Bare:
    """`scratch` is where the folders of runs are made. Nothing outlives its run."""

    scratch: Path

    @property
    def layers(self) -> tuple[str, ...]:
        return LAYERS

    def run(self, command: Command) -> Exit:
        with _furnish(command, self.scratch) as room:
            argv = [str(command.environment.python), "-s", "-P", str(RUNNER), "run", *room.translate(command.argv)]
            with _started(argv, command, room) as watched:
                return room.report(watched.until_dead(), command)

    @contextmanager
    def serve(self, command: Command, target: str) -> Iterator[Served]:
        served = Served()
        with _furnish(replace(command, listener=None), self.scratch) as room, _listen(command) as listener:
            with _serving(command, target, room, listener) as watched:
                thread = threading.Thread(target=watched.until_dead)
                thread.start()
                try:
                    yield served
                finally:
                    Path(listening_path(command)).unlink(missing_ok=True)
                    watched.stop(Reason.KILLED_BY_US)
                    thread.join()
            served.ended = room.report(watched.ended, command)


@dataclass(frozen=True, slots=True)
class _Room:
    """One run's folder: /work and its neighbours as links below it; `address` is where the world's sources answer."""

    root: Path
    mounts: tuple[Mount, ...]
    address: str

    def translate(self, words: tuple[str, ...]) -> list[str]:
        return [self._outside(word) for word in words]

    def variables(self, given: Mapping[str, str]) -> dict[str, str]:
        ours = {name: str(self.root / "tmp") if value == "/tmp" else value for name, value in VARIABLES.items()}  # noqa: S108 - inside
        return {
            **ours,
            **{name: self._outside(value) for name, value in given.items()},
            "MILEPOST_ROOT": str(self.root),
        }

    def _outside(self, word: str) -> str:
        word = word.replace(SOURCES_URL, self.address) if self.address else word
        return INSIDE.sub(lambda found: f"{self.root}{found[0]}", word)

    def _inside(self, text: str) -> str:
        """What was printed, with paths as they would be in the jail."""
        for mount in self.mounts:
            text = text.replace(str(mount.source.resolve()), mount.target).replace(str(mount.source), mount.target)
        return text.replace(str(self.root.resolve()), "").replace(str(self.root), "")

    def report(self, ended: Exit, command: Command) -> Exit:
        into = None if command.collect is None else str(command.collect)
        taken = collect(str(self.root / "work" / "out"), into, command.expected)
        return replace(
            ended,
            reason=self._reason(ended, command),
            files=tuple(taken.files),
            refused=tuple(taken.refused),
            stdout=self._inside(ended.stdout),
            stderr=self._inside(ended.stderr),
        )

    def _reason(self, ended: Exit, command: Command) -> Reason:
        """What a jail would have stopped, found out afterwards."""
        if ended.reason is not Reason.FINISHED:
            return ended.reason
        left = [path.lstat().st_size for path in (self.root / "work" / "out").rglob("*")]
        if sum(left) > command.limits.out_mb * MB or len(left) > command.limits.out_files:
            return Reason.DISK_FULL
        return Reason.FINISHED


@contextmanager
def _furnish(command: Command, scratch: Path) -> Iterator[_Room]:
    with (
        TemporaryDirectory(dir=scratch, prefix="bare-") as folder,
        linked(Path(folder)) as root,
        _sources(command.sources) as address,
    ):
        for name in ("work/out", "tmp"):
            (root / name).mkdir(parents=True)
        for mount in command.mounts:
            _link(root / mount.target.lstrip("/"), mount)
        if command.listener is not None:
            (root / "work" / "service.sock").symlink_to(command.listener)
        yield _Room(root, command.mounts, address)


def _link(spot: Path, mount: Mount) -> None:
    spot.parent.mkdir(parents=True, exist_ok=True)
    spot.symlink_to(mount.source.resolve())
    if mount.target.startswith(READ_ONLY):
        # Copies that only this run sees. What writes beside its own code would fail in the jail: better here as well.
        for folder in (mount.source, *(path for path in mount.source.rglob("*") if path.is_dir())):
            folder.chmod(0o555)


@contextmanager
def _sources(path: Path | None) -> Iterator[str]:
    """The address of a port of this machine that brings callers to the socket at which the world's sources answer."""
    if path is None:
        yield ""
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_bring, args=(listener, path), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _bring(listener: socket.socket, path: Path) -> None:
    with suppress(OSError):  # it was shut: nobody asks any more
        bridge.bring(listener, lambda: _reach(path))


def _reach(path: Path) -> socket.socket:
    with shortened(path) as short:
        return bridge.reach_path(short)


@contextmanager
def _listen(command: Command) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            with shortened(Path(listening_path(command))) as short:
                listener.bind(short)
        except OSError as error:
            raise SandboxFault(f"cannot listen on {command.listener}: {error}") from None
        listener.listen(128)
        yield listener


@contextmanager
def _serving(command: Command, target: str, room: _Room, listener: socket.socket) -> Iterator[Watched]:
    port = _free_port()
    started = SERVER.format(runner=str(RUNNER), bridge=bridge.__file__, listener=listener.fileno(), port=port)
    words = [str(port) if word == str(runner.PORT) else word for word in serving_words(command, target)]
    argv = [str(command.environment.python), "-s", "-P", "-c", started, *room.translate(tuple(words))]
    with _started(argv, command, room, listener) as watched:
        # Theirs alone from now on: callers of a server that died are to be refused, not to wait for us.
        listener.close()
        yield watched


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def _started(
    argv: list[str], command: Command, room: _Room, listener: socket.socket | None = None
) -> Iterator[Watched]:
    if sys.platform != "linux":
        raise SandboxFault("the grader's tools need Linux; on Windows, WSL is one")
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=room.translate((command.cwd,))[0],
        env=room.variables(command.variables),
        pass_fds=() if listener is None else (listener.fileno(),),
        start_new_session=True,
    )
    watched = Watched(process, command.limits)
    try:
        yield watched
    finally:
        if watched.alive:  # somebody pressed Ctrl-C
            watched.stop(Reason.KILLED_BY_US)
            process.wait()
        watched.close()
