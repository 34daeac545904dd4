"""The same code on PostgreSQL, with Redis or RabbitMQ: chosen by environment variables only."""

import os
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
BROKERS = {
    "redis": os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}


def require(host: str, port: int, what: str) -> None:
    """Skip with the reason in sight where a service is missing; under CI it must be there."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        if os.environ.get("CI"):
            pytest.fail(f"{what} does not answer at {host}:{port}, and CI must have it")
        pytest.skip(f"{what} does not answer at {host}:{port}")


@pytest.fixture
def database() -> Iterator[str]:
    """An empty PostgreSQL database of its own, gone afterwards."""
    require("127.0.0.1", 5432, "PostgreSQL")
    name = f"milepost_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield POSTGRES.rsplit("/", 1)[0] + f"/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.services
@pytest.mark.parametrize("broker", BROKERS)
def test_a_submission_is_judged_on_postgresql_with_each_broker(install: Any, database: str, broker: str) -> None:
    require("127.0.0.1", {"redis": 6379, "rabbitmq": 5672}[broker], broker)
    installation = install(DATABASE_URL=database, BROKER_URL=BROKERS[broker])
    with installation.worker():
        installation.submit()
        installation.submit("import no_such_package\n", "bob")
        good, bad = installation.wait_for("done")
    assert (good["outcome"], good["tries"]) == ("passed", 1)
    assert (bad["outcome"], bad["tries"]) == ("broken", 1)
