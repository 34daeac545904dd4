"""Several workers that claim at once on PostgreSQL: each run is taken once, and the small cohort is among the first."""

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

WORKERS, MANY, FEW = 5, 60, 6
SET_UP = f"""
import django; django.setup()
from pathlib import Path
from curriculum.package import load
from curriculum.publish import publish
from people.accounts.models import User
from people.learners.facilities import store
from people.learners.models import Enrolment, Run, Submission
folder = Path("tests/fixtures/packages/tiny")
project = publish(load(folder), store().put(folder), store().put(folder / "starter"))
for number in range({MANY} + {FEW}):
    user = User.objects.create(username=f"learner{{number}}")
    enrolment = Enrolment.objects.create(user=user, project=project, domain="plain")
    submission = Submission.objects.create(
        enrolment=enrolment, number=1, kind="ingest", tree="0" * 64, via="test", by=user
    )
    lane = "cohort 1" if number < {MANY} else "cohort 2"
    Run.objects.create(submission=submission, edition=project, draw=1, lane=lane)
"""
CLAIM = """
import sys, json, django; django.setup()
from people.learners import ledger
from people.learners.models import Lane
Lane.objects.count()  # the connection is there before all begin at once
print("ready", flush=True)
sys.stdin.readline()
taken = []
while run := ledger.claim_next():
    taken.append(run.pk)
print(json.dumps(taken), flush=True)
"""
# As the audit tells it: the lanes in the order in which their runs were claimed.
ORDER = """
import json, django; django.setup()
from people.learners.models import AuditLine
print(json.dumps(list(AuditLine.objects.filter(verb="claimed").order_by("pk").values_list("run__lane", flat=True))))
"""


@pytest.mark.services
def test_each_run_is_taken_once_and_lanes_have_as_many_workers_as_each_other(install: Any, database: str) -> None:
    installation = install(DATABASE_URL=database)
    installation.run("-c", SET_UP)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM],
            env=installation.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    told = [worker.communicate("go\n", timeout=120)[0] for worker in start_all(workers)]
    taken = [pk for line in told for pk in json.loads(line)]
    assert len(taken) == len(set(taken)) == MANY + FEW
    order = json.loads(installation.run("-c", ORDER))
    # As nothing ends meanwhile, they are served in turn until the small one has nothing left: but for the audit lines
    # of workers that claimed within the same moment, which may stand in either order.
    first = Counter(order[: 2 * FEW + WORKERS])
    assert first["cohort 2"] == FEW, order


def start_all(workers: list["subprocess.Popen[str]"]) -> list["subprocess.Popen[str]"]:
    """Let all go at once."""
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return workers
