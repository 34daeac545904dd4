"""What each broker makes of the order of our queues, with messages that lie there before a worker comes."""

import json
from typing import Any

import pytest

# Of each queue two, the least urgent first; and the sweep, which came last of all.
RING = """
from config.celery import app
for name in ("people.lti.tasks.pass_back", "people.learners.tasks.grade_this", "people.learners.tasks.grade_run"):
    for number in range(2):
        app.send_task(name, [number])
app.send_task("people.learners.tasks.sweep")
"""
LISTEN = """
import json
from config.celery import app
heard = []
def hear(body, message):
    heard.append(message.headers["task"].rsplit(".")[-1])
    message.ack()
with app.connection_for_read() as connection:
    channel = connection.channel()
    channel.basic_qos(0, 1, False)
    with app.amqp.TaskConsumer(channel, callbacks=[hear]):
        while len(heard) < 7:
            connection.drain_events(timeout=10)
print(json.dumps(heard))
"""


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_redis_gives_out_what_people_wait_for_first(install: Any, broker: str) -> None:
    installation = install(BROKER_URL=broker)
    installation.run("-c", RING)
    heard = json.loads(installation.run("-c", LISTEN))
    assert sorted(heard[:3]) == ["grade_run", "grade_run", "sweep"]
    assert heard[3:] == ["grade_this", "grade_this", "pass_back", "pass_back"]


@pytest.mark.slow
def test_the_embedded_queue_takes_from_each_in_turn(install: Any) -> None:
    """So the sweep, and what people wait for, are at most two messages away; never a whole queue."""
    installation = install()
    installation.run("-c", RING)
    heard = json.loads(installation.run("-c", LISTEN))
    assert {"grade_run", "grade_this", "pass_back"} == set(heard[:3])
    assert sorted(heard[3:6]) == ["grade_run", "grade_this", "pass_back"]
    assert heard[6:] == ["sweep"]
