"""The same code on PostgreSQL, with Redis or RabbitMQ: chosen by environment variables only."""

from typing import Any

import pytest


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis", "rabbitmq"], indirect=True)
def test_a_submission_is_judged_on_postgresql_with_each_broker(install: Any, database: str, broker: str) -> None:
    installation = install(DATABASE_URL=database, BROKER_URL=broker)
    with installation.worker():
        installation.submit()
        installation.submit("import no_such_package\n", "bob")
        good, bad = installation.wait_for("done")
    assert (good["outcome"], good["tries"]) == ("passed", 1)
    assert (bad["outcome"], bad["tries"]) == ("broken", 1)
