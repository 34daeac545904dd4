"""kill -9 of a worker in the middle of a run: the verdict still comes, and once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 3
PATIENCE = 120

# A process of its own, with a database of its own: what is tested is what happens between processes.
SUBMIT = """
import django; django.setup()
from pathlib import Path
from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.learners import intake
project = Project.objects.get()
alice = User.objects.create_user("alice")
tree = read_tree(Path("projects/chargeback-watch/reference"))
tree["pipeline/ingest.py"] = b"import time; time.sleep(4)\\n" + tree["pipeline/ingest.py"]
enrolment = intake.enrol(alice, project)
print(intake.submit(enrolment, "ingest", tree, via="test").pk)
"""
ASK = """
import json, django; django.setup()
from people.learners.models import Run
run = Run.objects.get()
print(json.dumps({
    "state": run.state, "outcome": run.outcome, "tries": run.tries, "judgements": run.judgements.count(),
    "audit": list(run.audit.values_list("verb", flat=True)),
}))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MILEPOST_VAR"}}
    return {
        **kept,
        "MILEPOST_VAR": str(tmp_path),
        "MILEPOST_LEASE_SECONDS": str(LEASE_SECONDS),
        "MILEPOST_DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "C_FORCE_ROOT": "1",
    }


def run(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def worker(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    words = "celery -A config worker --beat --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"
    process = subprocess.Popen(
        [sys.executable, "-m", *words.split()], cwd=ROOT, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 of the worker and of its pool, as when a machine goes away."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(environment: dict[str, str]) -> dict[str, object]:
    answer: dict[str, object] = json.loads(run(environment, "-c", ASK))
    return answer


def wait_for(environment: dict[str, str], state: str) -> dict[str, object]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        told = ask(environment)
        if told["state"] == state:
            return told
        time.sleep(0.5)
    pytest.fail(f"the run is still {ask(environment)}")


@pytest.mark.slow
def test_the_run_of_a_killed_worker_is_handed_on_and_judged_once(environment: dict[str, str]) -> None:
    run(environment, "manage.py", "prepare")
    run(environment, "-c", SUBMIT)
    with worker(environment) as first:
        wait_for(environment, "running")
        kill(first)
    assert ask(environment)["state"] == "running", "the row still says so: nobody could write anything else"
    with worker(environment):
        told = wait_for(environment, "done")
    assert (told["outcome"], told["tries"], told["judgements"]) == ("passed", 2, 1)
    assert told["audit"] == ["queued", "claimed", "claimed", "recorded"]
