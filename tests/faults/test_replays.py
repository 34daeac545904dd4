"""One key, sent many times at one moment to two web processes, or again after one was killed: done once."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

from tests.faults.parts import find_port, wait_for_port

FOLDER = Path(__file__).resolve().parent
TINY = FOLDER.parent / "fixtures" / "packages" / "tiny"
AT_ONCE, ROUNDS = 6, 5
PREPARE = f"""
import sys; sys.path.insert(0, {str(FOLDER)!r}); import rigged
from curriculum.package import load
from curriculum.publish import publish
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import intake
folder = rigged.Path({str(TINY)!r})
project = publish(load(folder), rigged.store().put(folder), rigged.store().put(folder / "starter"))
alice = User.objects.create(username="alice")
intake.enrol(alice, project)
print(issue_token(alice, "test"))
"""
COUNT = """
import json, django; django.setup()
from people.cohorts.models import Cohort
from people.learners.models import Submission
print(json.dumps([Cohort.objects.count(), Submission.objects.count()]))
"""
END_LEASES = """
import django; django.setup()
from people.replays.keeping import LEASE, Replay, timezone
print(Replay.objects.filter(status=None).update(claimed_at=timezone.now() - LEASE))
"""
Send = Callable[[str, int], requests.Response]


@contextmanager
def web(installation: Any, **faults: Any) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    port = find_port()
    words = f"uvicorn config.asgi:application --port {port} --log-level critical --lifespan off"
    command = [sys.executable, str(FOLDER / "rigged.py"), json.dumps(faults), *words.split()]
    process = subprocess.Popen(command, cwd=FOLDER.parents[1], env=installation.environment, start_new_session=True)
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}", process
    finally:
        installation.kill(process)


@pytest.fixture
def installation(install: Any, database: str, tmp_path: Path) -> Any:
    (tmp_path / "none").mkdir()
    return install(
        DATABASE_URL=database,
        MILEPOST_PROJECTS=str(tmp_path / "none"),
        MILEPOST_WARM="0",
        MILEPOST_OPEN_COHORTS="1",
        MILEPOST_SUBMITS_PER_MINUTE="0",
        MILEPOST_ATTEMPTS="0",
    )


@pytest.fixture
def ask(installation: Any, zip_of: Callable[[dict[str, str]], bytes]) -> Callable[..., requests.Response]:
    token, trees = installation.run("-c", PREPARE), {}

    def found_or_hand_in(what: str, key: str, address: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        if what == "cohort":
            return requests.post(f"{address}/api/cohorts", json={"title": "Autumn"}, headers=headers, timeout=60)
        # A zip holds the time at which it was packed.
        packed = trees.setdefault(key, zip_of({"main.py": f"# {key}"}))
        tree = {"tree": ("tree.zip", packed)}
        place = f"{address}/api/projects/tiny/milestones/ingest/submissions"
        return requests.post(place, files=tree, headers=headers, timeout=60)

    return found_or_hand_in


def send_at_once(ask: Callable[..., requests.Response], what: str, addresses: list[str]) -> str:
    """The answers to one key sent from all sides: one, or a 409 that says to wait. The key."""
    key, gate = uuid.uuid4().hex, Barrier(AT_ONCE)

    def send(number: int) -> requests.Response:
        gate.wait()
        return ask(what, key, addresses[number % len(addresses)])

    with ThreadPoolExecutor(AT_ONCE) as senders:
        answers = list(senders.map(send, range(AT_ONCE)))
    done = [answer.text for answer in answers if answer.status_code == 201]
    waits = [answer for answer in answers if answer.status_code == 409]
    assert len(done) + len(waits) == AT_ONCE, [answer.text for answer in answers]
    assert len(set(done)) == 1
    assert all(one.json()["code"] == "key-in-use" and int(one.headers["Retry-After"]) > 0 for one in waits)
    again = ask(what, key, addresses[0])
    assert (again.text, again.headers["Idempotency-Replayed"]) == (done[0], "true")
    return key


@pytest.mark.services
def test_one_key_at_one_moment_is_done_once_on_postgresql(installation: Any, ask: Any) -> None:
    with web(installation) as (one, _process), web(installation) as (other, _other):
        for number in range(ROUNDS):
            send_at_once(ask, "cohort", [one, other])
            send_at_once(ask, "tree", [one, other])
            assert json.loads(installation.run("-c", COUNT)) == [number + 1, number + 1]


@pytest.mark.services
@pytest.mark.parametrize(("what", "number"), [("cohort", 0), ("tree", 1)])
def test_a_first_try_that_was_killed_leaves_nothing_and_is_taken_over_once(
    installation: Any, ask: Any, what: str, number: int, tmp_path: Path
) -> None:
    with web(installation, die_at="before_answer", marks=str(tmp_path)) as (address, process):
        with pytest.raises(requests.ConnectionError):
            ask(what, "first", address)
        assert process.wait(60) == -9
    with web(installation) as (one, _process), web(installation) as (other, _other):
        assert json.loads(installation.run("-c", COUNT)) == [0, 0]
        assert ask(what, "first", one).json()["code"] == "key-in-use", "its owner may be alive"
        assert installation.run("-c", END_LEASES) == "1"
        gate = Barrier(AT_ONCE)

        def send(place: int) -> int:
            gate.wait()
            return ask(what, "first", (one, other)[place % 2]).status_code

        with ThreadPoolExecutor(AT_ONCE) as senders:
            assert set(senders.map(send, range(AT_ONCE))) in ({201}, {201, 409})
        assert ask(what, "first", one).status_code == 201
        assert json.loads(installation.run("-c", COUNT))[number] == 1
