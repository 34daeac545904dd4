"""A worker that goes away at each named point of the line, and a web process after its commit: one verdict each.

On each broker there is one installation and one run for each point. Workers die one after the other, each at its point,
and the last one ends what is left: whatever the broker still remembers of it.
"""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

POINTS = ("after_claim", "during_produce", "before_record", "inside_record", "after_record", "before_ring")
FOLDER = Path(__file__).resolve().parent
TINY = FOLDER.parent / "fixtures" / "packages" / "tiny"
LEASE_S = 3
WITHIN_S = 30
PATIENCE_S = 90
SUBMIT = f"""
import sys; sys.path.insert(0, {str(FOLDER)!r}); import rigged
from curriculum.package import load
from curriculum.publish import publish
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.learners import intake
folder = rigged.Path({str(TINY)!r})
project = publish(load(folder), rigged.store().put(folder), rigged.store().put(folder / "starter"))
tree = read_tree(folder / "reference")
tree["pipeline/ingest.py"] = b"import time; time.sleep(1.5)\\n" + tree["pipeline/ingest.py"]
def submit(name):
    enrolment = intake.enrol(User.objects.create(username=name), project)
    intake.submit(enrolment, "ingest", {{**tree, "who.txt": name.encode()}}, via="test")
for name in {POINTS!r}:
    submit(name)
rigged.die_at(rigged.AFTER_COMMIT, rigged.Path(sys.argv[1]))
submit(rigged.AFTER_COMMIT)
"""
ASK = """
import json, django; django.setup()
from people.learners.models import Run
from people.learners.standing import read_standing
print(json.dumps([{
    "run": run.pk, "state": run.state, "outcome": run.outcome, "tries": run.tries, "judgements": run.judgements.count(),
    "left": read_standing(run.submission.enrolment, ["ingest", "clean"], "ingest").attempts.left,
    "audit": [(line.verb, line.at.timestamp()) for line in run.audit.all()],
} for run in Run.objects.order_by("pk")]))
"""


@contextmanager
def rigged_worker(installation: Any, **faults: Any) -> Iterator["subprocess.Popen[bytes]"]:
    words = "celery -A config worker --beat --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"
    # Another host each time: RabbitMQ keeps one's own queue locked until it has noticed that the one before died.
    words += f" --hostname worker@{uuid.uuid4().hex[:8]}"
    command = [sys.executable, str(FOLDER / "rigged.py"), json.dumps(faults), *words.split()]
    process = subprocess.Popen(command, cwd=FOLDER.parents[1], env=installation.environment, start_new_session=True)
    try:
        yield process
    finally:
        installation.kill(process)


def ask(installation: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(installation.run("-c", ASK))
    return told


def wait_until_done(installation: Any) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        runs = ask(installation)
        if all(run["state"] == "done" for run in runs):
            return runs
        time.sleep(1)
    pytest.fail(f"still {runs}")


def check_points(install: Any, marks: Path, **parts: str) -> None:
    marks.mkdir()
    (marks.parent / "none").mkdir()
    installation = install(
        MILEPOST_LEASE_SECONDS=str(LEASE_S), MILEPOST_PROJECTS=str(marks.parent / "none"), MILEPOST_WARM="0", **parts
    )
    submitted = subprocess.run(
        [sys.executable, "-c", SUBMIT, str(marks)],
        cwd=FOLDER.parents[1],
        env=installation.environment,
        start_new_session=True,
        check=False,
    )
    assert submitted.returncode == -9, "the web process died after its commit"
    for point in POINTS:
        with rigged_worker(installation, die_at=point, marks=str(marks)) as doomed:
            assert doomed.wait(PATIENCE_S) == -9, point
    with rigged_worker(installation):
        runs = wait_until_done(installation)
    told = [json.loads((marks / point).read_text()) for point in POINTS]
    assert len(runs) == len(POINTS) + 1
    for run in runs:
        check_run(
            run, {point: mark["at"] for point, mark in zip(POINTS, told, strict=True) if mark["run"] == run["run"]}
        )


def check_run(run: dict[str, Any], deaths: dict[str, float]) -> None:
    """One verdict; no more claims than workers it lost before it was written; and each soon after the lease ended."""
    lost = sorted(at for point, at in deaths.items() if point not in ("after_record", "before_ring"))
    verbs = [verb for verb, _ in run["audit"]]
    assert (run["outcome"], run["judgements"]) == ("passed", 1), (run, deaths)
    assert verbs == ["queued", *["claimed"] * (1 + len(lost)), "recorded"], (run, deaths)
    assert run["tries"] == 1 + len(lost)
    assert run["left"] == 11, "one attempt was spent, whatever happened"
    claims = [at for verb, at in run["audit"] if verb == "claimed"]
    for death, again in zip(lost, claims[1:], strict=True):
        assert 0 < again - death < LEASE_S + WITHIN_S, (run, deaths)


@pytest.mark.slow
def test_a_process_that_dies_at_any_point_on_sqlite_and_the_embedded_queue(install: Any, tmp_path: Path) -> None:
    check_points(install, tmp_path / "marks")


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis", "rabbitmq"], indirect=True)
def test_a_process_that_dies_at_any_point_on_postgresql(
    install: Any, database: str, broker: str, tmp_path: Path
) -> None:
    check_points(install, tmp_path / "marks", DATABASE_URL=database, BROKER_URL=broker)
