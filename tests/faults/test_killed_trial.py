"""kill -9 of a worker in the middle of a trial: the sweep hands its shadow on, and nobody's record has moved."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

TINY = Path(__file__).resolve().parents[1] / "fixtures" / "packages" / "tiny"
PATIENCE_S = 180
PUBLISH = """
import sys, django; django.setup()
from pathlib import Path
from curriculum.package import load
from curriculum.publish import publish
from people.learners.facilities import store
folder = Path(sys.argv[1])
project = publish(load(folder), store().put(folder), store().put(folder / "starter"))
"""
SUBMIT = f"""{PUBLISH}
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.learners import intake
tree = read_tree(folder / "reference")
tree["pipeline/ingest.py"] = b"import time; time.sleep(4)\\n" + tree["pipeline/ingest.py"]
intake.submit(intake.enrol(User.objects.create(username="alice"), project), "ingest", tree, via="test")
"""
# The worlds of the other edition are told otherwise, so that its ingest is run again and not found by its digest.
TRY = f"""{PUBLISH}
from people.learners.models import Enrolment
from people.learners.trials import try_edition
try_edition(Enrolment.objects.get())
"""
ASK = """
import json, django; django.setup()
from people.learners.models import Run
print(json.dumps(list(Run.every.order_by("pk").values_list("shadow", "state", "outcome", "tries"))))
"""


@pytest.mark.slow
def test_the_shadow_of_a_killed_worker_is_handed_on(install: Any, tmp_path: Path, newer_folder: Path) -> None:
    (newer_folder / "domains" / "plain.yaml").write_text("unit: pears\n")
    (tmp_path / "none").mkdir()
    installation = install(MILEPOST_LEASE_SECONDS="3", MILEPOST_PROJECTS=str(tmp_path / "none"))
    installation.run("-c", SUBMIT, str(TINY))
    with installation.worker():
        [own] = wait_for(installation, "done")
    assert own[:3] == [False, "done", "passed"]
    installation.run("-c", TRY, str(newer_folder))
    with installation.worker() as first:
        wait_for(installation, "running")
        installation.kill(first)
    with installation.worker():
        assert wait_for(installation, "done") == [own, [True, "done", "passed", 2]]


def wait_for(installation: Any, state: str) -> list[list[Any]]:
    """All runs, once the last of them is in this state."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        runs: list[list[Any]] = json.loads(installation.run("-c", ASK))
        if runs[-1][1] == state:
            return runs
    pytest.fail(f"still {runs}")
