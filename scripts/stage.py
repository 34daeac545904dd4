"""A whole installation in processes of its own, on ground that is thrown away: what load and replays are measured on.

Either all defaults (SQLite, a queue in a folder), or PostgreSQL and Redis that are started for it alone, so that what
they use is known. Everything listens on the loopback address only.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

from scripts.processes import family_cpu_s

ROOT = Path(__file__).resolve().parents[1]
READY_S = 120
END_S = 20
QUIET = {"MILEPOST_LOG_LEVEL": "WARNING", "MILEPOST_DEMO": "0", "C_FORCE_ROOT": "1", "PYTHONPATH": str(ROOT)}
NICENESS = 10


@dataclass
class Stage:
    """An installation: its settings, and its processes by what they are."""

    folder: Path
    kind: str
    port: int
    settings: dict[str, str]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **QUIET, "DJANGO_SETTINGS_MODULE": "config.settings", **self.settings}

    def run(self, *words: str) -> str:
        """What a Python program says that runs with these settings."""
        return subprocess.check_output([sys.executable, *words], cwd=ROOT, env=self.environment, text=True)

    def start(self, name: str, words: str, niceness: int = 0) -> None:
        """Start `python -m` with these words, in a session of its own."""
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            ["nice", "-n", str(niceness), sys.executable, "-m", *words.split()],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def start_web(self, count: int = 1) -> None:
        """As docs/operating.md says it, in so many processes."""
        options = f"--port {self.port} --workers {count} --log-level warning --lifespan off"
        self.start("web", f"uvicorn config.asgi:application {options}")
        _wait_until(lambda: _answers(f"{self.address}/readyz"), "the web process", self.processes["web"])

    def start_workers(self, count: int, niceness: int = NICENESS) -> None:
        """One with its beat, and so many processes under it; the web goes first where cores are few."""
        options = "--loglevel WARNING --without-gossip --without-mingle"
        self.start("workers", f"celery --quiet -A config worker --beat --concurrency {count} {options}", niceness)

    def read_cpu_s(self) -> dict[str, float]:
        """What each part has used until now."""
        return {name: family_cpu_s(process.pid) for name, process in self.processes.items()}

    def read_log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self, name: str) -> None:
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def set_up(kind: str) -> Iterator[Stage]:
    """kind: "small" for the defaults, "services" for PostgreSQL and Redis. Tables and projects are there."""
    with tempfile.TemporaryDirectory(prefix="mp-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        stage = Stage(folder, kind, find_port(), {"MILEPOST_VAR": str(folder / "var")})
        # A shell that starts us in the background has SIGINT ignored: either ends it in order.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end)
        try:
            if kind == "services":
                _start_database(stage)
                _start_broker(stage)
            stage.run("manage.py", "prepare")
            yield stage
        finally:
            for name in reversed(list(stage.processes)):
                stage.stop(name)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def find_port() -> int:
    """One of this host that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_database(stage: Stage) -> None:
    """PostgreSQL as it comes, by a user that is not root."""
    [programs] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:] or [Path()]
    folder = stage.folder / "postgresql"
    folder.mkdir()
    user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data, port = folder / "data", str(find_port())
    words = [*user, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "milepost", "--no-sync"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    served = [str(programs / "postgres"), "-D", str(data), "-p", port, "-k", "", "-h", "127.0.0.1"]
    _serve(stage, "postgresql", [*user, *served], folder)
    ask = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port]
    _wait_until(lambda: subprocess.run(ask).returncode == 0, "PostgreSQL", stage.processes["postgresql"])
    stage.settings["DATABASE_URL"] = f"postgresql://milepost@127.0.0.1:{port}/postgres"


def _start_broker(stage: Stage) -> None:
    port = find_port()
    served = f"redis-server --port {port} --bind 127.0.0.1 --save  --appendonly no".split(" ")
    _serve(stage, "redis", served, stage.folder)
    ask = ["redis-cli", "-p", str(port), "ping"]
    _wait_until(lambda: subprocess.run(ask, capture_output=True).returncode == 0, "Redis", stage.processes["redis"])
    stage.settings["BROKER_URL"] = f"redis://127.0.0.1:{port}/0"


def _serve(stage: Stage, name: str, words: list[str], folder: Path) -> None:
    log = (stage.folder / f"{name}.log").open("ab")
    stage.processes[name] = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log, start_new_session=True)


def _answers(address: str) -> bool:
    try:
        return bool(urlopen(address, timeout=2).status == 200)  # noqa: S310 - our own address
    except OSError:
        return False


def _wait_until(is_ready: Callable[[], bool], what: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if is_ready():
            return
        time.sleep(0.2)
    raise SystemExit(f"{what} did not come up")
