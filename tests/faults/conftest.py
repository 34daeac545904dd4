"""A whole installation in processes of its own: what is tested here is what happens between processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180
POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
BROKERS = {
    "redis": os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
SUBMIT = """
import sys, django; django.setup()
from pathlib import Path
from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.learners import intake
tree = read_tree(Path("projects/chargeback-watch/reference"))
tree["pipeline/ingest.py"] = sys.argv[1].encode() + tree["pipeline/ingest.py"]
project = Project.objects.get(slug="chargeback-watch")
enrolment = intake.enrol(User.objects.get_or_create(username=sys.argv[2])[0], project)
print(intake.submit(enrolment, "ingest", tree, via="test").pk)
"""
ASK = """
import json, django; django.setup()
from people.learners.models import Run
print(json.dumps([{
    "state": run.state, "outcome": run.outcome, "tries": run.tries, "judgements": run.judgements.count(),
    "audit": list(run.audit.values_list("verb", flat=True)),
} for run in Run.objects.order_by("pk")]))
"""
WORKER = "celery -A config worker --beat --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"


@dataclass(frozen=True)
class Installation:
    """Milepost with these settings and nothing of the tests' own."""

    environment: dict[str, str]

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def submit(self, before: str = "", who: str = "alice") -> None:
        """Somebody hands in the reference's ingest, with this code put before it."""
        self.run("-c", SUBMIT, before, who)

    def ask(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = json.loads(self.run("-c", ASK))
        return told

    def wait_for(self, state: str) -> list[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            told = self.ask()
            if all(run["state"] == state for run in told):
                return told
            time.sleep(0.5)
        pytest.fail(f"still {self.ask()}")

    @contextmanager
    def worker(self) -> Iterator["subprocess.Popen[bytes]"]:
        process = subprocess.Popen(
            [sys.executable, "-m", *WORKER.split()], cwd=ROOT, env=self.environment, start_new_session=True
        )
        try:
            yield process
        finally:
            self.kill(process)

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """kill -9 of the worker and of its pool, as when a machine goes away."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def install(tmp_path: Path) -> Any:
    """Sets one up with these settings, prepared and without a demo."""

    def install_with(**settings: str) -> Installation:
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MILEPOST_VAR"}}
        given = {
            "MILEPOST_VAR": str(tmp_path),
            "MILEPOST_DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "C_FORCE_ROOT": "1",
        }
        installation = Installation({**kept, **given, **settings})
        installation.run("manage.py", "prepare")
        if "BROKER_URL" in settings:  # others have used it before
            installation.run("-m", "celery", "-A", "config", "purge", "--force")
        return installation

    return install_with


def require(host: str, port: int, what: str) -> None:
    """Skip with the reason in sight where a service is missing; under CI it must be there."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        if os.environ.get("CI"):
            pytest.fail(f"{what} does not answer at {host}:{port}, and CI must have it")
        pytest.skip(f"{what} does not answer at {host}:{port}")


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> str:
    """The address of the broker that the test names."""
    require("127.0.0.1", {"redis": 6379, "rabbitmq": 5672}[request.param], request.param)
    return BROKERS[request.param]


@pytest.fixture
def database() -> Iterator[str]:
    """An empty PostgreSQL database of its own, gone afterwards."""
    require("127.0.0.1", 5432, "PostgreSQL")
    name = f"milepost_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield POSTGRES.rsplit("/", 1)[0] + f"/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
