"""A database and brokers of one's own, to be killed at will: on free ports, in a scratch folder, gone afterwards."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Protocol

import psycopg

READY_S = 60


class Part(Protocol):
    url: str

    def start(self) -> None: ...

    def stop(self) -> None:
        """At once, without a chance to tidy up; a broker forgets all that it knew."""


def find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers at port {port} after {READY_S} seconds")


class Postgres:
    """PostgreSQL refuses to run as root, so root has its own user run it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "postgres", find_port()
        self.url = f"postgresql://milepost@127.0.0.1:{self.port}/postgres"
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
        self.folder.mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(self.folder, "postgres")
        self._do("initdb", "--auth=trust", "--username=milepost", "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c max_connections=200"
        self._do("pg_ctl", "start", "-w", "-o", options, "-l", str(self.folder / "log"))
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.2)

    def stop(self) -> None:
        self._do("pg_ctl", "stop", "-m", "immediate")

    def _do(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder), *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


class Redis:
    """Nothing is written to disk: killed, it has forgotten everything."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, find_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = (
            f"redis-server --port {self.port} --bind 127.0.0.1 --appendonly no --loglevel warning --dir {self.folder}"
        )
        self.process = subprocess.Popen([*words.split(), "--save", ""], stdout=subprocess.DEVNULL)
        wait_for_port(self.port)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


class Rabbit:
    """A virtual host of its own on the RabbitMQ of this machine, by rabbitmqctl.

    Deleted, it takes connections, queues and messages with it, as a broker does that comes back with an empty disk;
    others who use the same server notice nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.host = f"chaos-{os.getpid()}"
        self.url = f"amqp://guest:guest@127.0.0.1:5672/{self.host}"

    def start(self) -> None:
        self._do("add_vhost", self.host)
        self._do("set_permissions", "-p", self.host, "guest", ".*", ".*", ".*")

    def stop(self) -> None:
        self._do("delete_vhost", self.host)

    def _do(self, *words: str) -> None:
        subprocess.run(["rabbitmqctl", "--quiet", *words], check=True, stdout=subprocess.DEVNULL)


BROKERS = {"redis": Redis, "rabbitmq": Rabbit}
