"""What operators see while real processes die: a worker killed, its child killed, a task that fails for good."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9").rsplit("/", 1)[0] + "/13"
TINY = Path(__file__).resolve().parents[1] / "fixtures" / "packages" / "tiny"
PATIENCE_S = 120
SUBMIT = f"""
import django; django.setup()
from pathlib import Path
from curriculum.package import load
from curriculum.publish import publish
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.employers.tasks import compare_assessed
from people.learners import intake
from people.learners.facilities import store
from people.origins import Origin, led_by
folder = Path({str(TINY)!r})
project = publish(load(folder), store().put(folder), store().put(folder / "starter"))
tree = read_tree(folder / "reference")
tree["pipeline/ingest.py"] = b"import time; time.sleep(9)\\n" + tree["pipeline/ingest.py"]
with led_by(Origin(request="asked-for-by-a-test", user=7)):
    compare_assessed.delay(404)
    intake.submit(intake.enrol(User.objects.create(username="alice"), project), "ingest", tree, via="test")
"""
FETCH = """
import sys, django; django.setup()
from django.test import Client
from people.accounts.models import User
browser = Client()
browser.force_login(User.objects.get_or_create(username="olga", is_staff=True)[0])
print(browser.get(sys.argv[1]).content.decode())
"""


READY = """
import django; django.setup()
from django.test import Client
print(Client().get("/readyz").content.decode())
"""


def look(installation: Any) -> dict[str, Any]:
    """As a script has it from the command, whatever its exit code says."""
    words = "import sys; from django.core.management import call_command; import django; django.setup()\ntry: "
    told: dict[str, Any] = json.loads(
        installation.run("-c", words + "call_command('operating', '--json')\nexcept SystemExit: pass")
    )
    return told


def wait_until(installation: Any, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while not holds(told := look(installation)):
        assert time.monotonic() < deadline, told
        time.sleep(0.5)
    return told


def list_children(pid: int) -> list[int]:
    return [
        int(child)
        for tasks in Path(f"/proc/{pid}/task").iterdir()
        for child in (tasks / "children").read_text().split()
    ]


def find_judge(worker: int) -> int:
    """The worker's child that has a jail of its own; beat is another, and the doctor tries jails as well."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for child in list_children(worker):
            if b"celery" in Path(f"/proc/{child}/cmdline").read_bytes() and list_children(child):
                return child
        time.sleep(0.05)
    raise AssertionError("nobody judges")


@pytest.mark.services
def test_operators_see_a_worker_die_a_task_fail_and_a_run_left_behind(
    install: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    redis.Redis.from_url(REDIS).flushdb()
    (tmp_path / "none").mkdir()
    installation = install(
        BROKER_URL=REDIS,
        MILEPOST_LEASE_SECONDS="3",
        MILEPOST_PROJECTS=str(tmp_path / "none"),
        MILEPOST_REPORT_SECONDS="1",
        MILEPOST_LOG_FORMAT="json",
    )
    assert look(installation)["sentence"].startswith("Nobody is working: no worker has reported in the last day.")
    with installation.worker() as worker:
        told = wait_until(installation, lambda told: told["workers"] and told["workers"][0]["tier"])
        assert {layer["name"] for layer in told["workers"][0]["layers"]} >= {"no network", "system call filter"}
        installation.run("-c", SUBMIT)
        told = wait_until(installation, lambda told: told["doing"] and told["doing"][0]["worker"])
        assert told["doing"][0]["about"] == "tiny/ingest"
        # Its child alone: the worker lives on, and says that it lost somebody.
        os.kill(find_judge(worker.pid), signal.SIGKILL)
        told = wait_until(installation, lambda told: len(told["dead_letters"]) == 2)
        letters = {one["fault"]: one for one in told["dead_letters"]}
        raised = letters["raised"]
        assert (raised["task"], raised["arguments"]) == ("people.employers.tasks.compare_assessed", [404])
        assert "DoesNotExist" in raised["error"]
        assert letters["lost its worker"]["task"] == "people.learners.tasks.grade_run"
        wait_until(installation, lambda told: told["doing"])
        installation.kill(worker)
    told = wait_until(
        installation, lambda told: told["sentence"].startswith("Nobody is working: no worker has reported for")
    )
    assert told["troubles"][0]["severity"] == "down"
    told = wait_until(installation, lambda told: told["queues"][0]["expired"])
    assert {"no-worker", "lease", "dead-letter"} <= {one["code"] for one in told["troubles"]}
    assert "Nobody is working: no worker has reported for" in installation.run("-c", FETCH, "/operating/")
    metrics = installation.run("-c", FETCH, "/metrics")
    assert "\nmilepost_workers 0.0\n" in metrics
    assert '\nmilepost_leases_expired{queue="submissions"} 1.0\n' in metrics
    assert "\nmilepost_dead_letters 2.0\n" in metrics
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    jailed = [line for line in lines if line["logger"].startswith("grading.") and line.get("task") != "doctor"]
    assert jailed
    assert {line["request"] for line in jailed if "request" in line} == {"asked-for-by-a-test"}


@pytest.mark.services
def test_readiness_names_a_database_that_is_really_dead(install: Any, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    installation = install(MILEPOST_PROJECTS=str(tmp_path / "none"))
    installation.environment["DATABASE_URL"] = "postgresql://milepost:hunter2222@127.0.0.1:9/none"
    told = installation.run("-c", READY)
    assert json.loads(told)["parts"] == {
        "database": "does not answer",
        "migrations": "not known",
        "broker": "ok",
        "store": "ok",
    }
