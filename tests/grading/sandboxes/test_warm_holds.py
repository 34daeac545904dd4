"""A warm jail holds what a cold one holds, dies with its worker, and gives the same verdicts."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from curriculum.package import load
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes import pool as pools
from grading.sandboxes.base import Command, Environment, Limits, Mount, Reason
from grading.sandboxes.bubblewrap import REPOSITORY
from grading.sandboxes.leftovers import leftovers, sweep
from grading.sandboxes.warm import Warm
from grading.store import Store
from grading.verdict import Outcome
from grading.world import Draw
from tests.grading.sandboxes.striking import HEEDS_SIGINT, ended, left_by, within
from tests.hostile.programs import JAIL, find_programs

PROJECT = REPOSITORY / "projects" / "chargeback-watch"
LEARNERS = REPOSITORY / ".environments"
LIGHT = Environment(Path(sys.executable), "of the tests", (("json", "ctypes", "socket"),))
CANARY = "milepost-canary-5d41402abc4b"
HOSTILE = Limits(
    cpu_s=3, wall_s=4, memory_mb=160, processes=24, file_mb=16, out_mb=32, tmp_mb=32, out_files=150, output_kill_mb=4
)
EXPECTED = {"rows.csv": 1, "model.json": 1}


@pytest.fixture(autouse=True)
def _never_wait_for_an_idle_host(monkeypatch):
    monkeypatch.setattr(pools, "idle", lambda: True)


@pytest.fixture
def warm(jail):
    warm = Warm(jail, 1)
    yield warm
    warm.close()


def fill(warm: Warm, command: Command) -> None:
    warm.pool.take(warm.kind(command), lambda slot: False)
    assert warm.pool.wait_until_full(60)


@pytest.fixture
def host(open_folder):
    secret = open_folder / "truth.parquet"
    secret.write_text(CANARY)
    name = f"milepost-warm-{os.getpid()}"
    path = open_folder / "broker.sock"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
    ):
        abstract.bind(f"\0{name}")
        named.bind(str(path))
        for listener in (abstract, named):
            listener.listen()
        for listener in (tcp, abstract, named):
            listener.setblocking(False)
        port = str(tcp.getsockname()[1])
        yield {
            "HOSTS_FILE": str(secret),
            "HOSTS_PORT": port,
            "HOSTS_NAME": name,
            "HOSTS_SOCKET": str(path),
            "HOSTS_PROCESS": str(os.getpid()),
        }
        for listener in (tcp, abstract, named):
            with pytest.raises(BlockingIOError):
                listener.accept()
    assert secret.read_text() == CANARY


@pytest.mark.attack
@pytest.mark.parametrize("program", [p for p in find_programs() if p.against == JAIL], ids=lambda program: program.name)
def test_the_warm_jail_holds(warm, host, open_folder, program):
    taken = open_folder / "taken"
    taken.mkdir()
    mounts = (Mount(program.path.parent, "/work/tree"),)
    argv, before = (program.path.name,), set(leftovers())
    command = Command(argv, LIGHT, HOSTILE, mounts, host, collect=taken, expected=EXPECTED)
    fill(warm, command)
    ending = warm.run(command)
    assert warm.pool.given == 1
    warm.close()
    uncounted = not any("pids" in layer for layer in warm.layers) and "too many processes" in program.ends
    assert ending.reason in program.ends or uncounted, (ending.reason, ending.code, ending.stderr)
    # A program that looks for its own name among the processes finds a slot's: the one thing that does differ.
    said = re.sub(r"GOT process 2 .*/jail/runner\.py.wait.*\n", "", ending.stdout)
    assert "GOT" not in said, said
    assert CANARY not in ending.stdout + ending.stderr
    assert {path.name for path in taken.iterdir()} <= set(EXPECTED)
    assert set(leftovers()) <= before


WORKER = """
import sys, time
from pathlib import Path
from grading.sandboxes import pool
from grading.sandboxes.base import Command, Environment, Limits
from grading.sandboxes.bubblewrap import Bubblewrap
from grading.sandboxes.warm import Warm
pool.idle = lambda: True
python = Environment(Path(sys.executable), "", (("json",),))
warm = Warm(Bubblewrap(require=frozenset()), 2)
command = Command(("-c", ""), python, Limits(), cwd="/work")
warm.run(command)
assert warm.pool.wait_until_full(30)
print(*[slot.shim.process.pid for slots in warm.pool.ready.values() for slot in slots], flush=True)
time.sleep(300)
"""


@pytest.fixture
def worker(jail):
    process = subprocess.Popen(
        [sys.executable, "-c", HEEDS_SIGINT + WORKER],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        assert process.stdout
        shims = [int(word) for word in process.stdout.readline().split()]
        assert len(shims) == 2
        yield process, shims
        process.kill()


def family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


@pytest.mark.attack
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_struck_down_takes_its_slots_along(worker, blow):
    process, shims = worker
    everybody = [pid for shim in shims for pid in family(shim)]
    assert len(everybody) >= 6
    os.killpg(process.pid, blow)
    assert within(5, lambda: all(map(ended, everybody)))
    assert not left_by(shims)


@pytest.mark.attack
def test_what_a_struck_slot_leaves_is_swept(worker):
    _, shims = worker
    everybody = [pid for shim in shims for pid in family(shim)]
    for shim in shims:
        os.kill(shim, signal.SIGKILL)
    # The shims themselves wait for their worker to ask after them.
    assert within(5, lambda: all(ended(pid) for pid in everybody if pid not in shims))
    assert within(5, lambda: left_by(shims))
    sweep()
    assert not left_by(shims)


def ask(path: Path) -> bytes:
    with closing(socket.socket(socket.AF_UNIX)) as service:
        service.settimeout(20)
        service.connect(str(path))
        service.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return service.makefile("rb").read()


@pytest.mark.parametrize("holds", [("json",), ("uvicorn", "json")], ids=" ".join)
def test_an_app_is_served_from_a_warm_jail(warm, open_folder, limits, holds):
    python = LEARNERS / "ml/bin/python"
    if not os.access(python, os.X_OK):
        pytest.skip("needs the learners' environment")
    tree = open_folder / "tree"
    tree.mkdir()
    (tree / "asgi.py").write_text(
        "import os\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'http':\n"
        "        await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "        await send({'type': 'http.response.body', 'body': os.environ['MODEL_DIR'].encode()})\n"
    )
    mounts, socket_path = (Mount(tree, "/work/tree"),), open_folder / "service.sock"
    environment = Environment(python, "learners'", (holds,))
    command = Command((), environment, limits(), mounts, {"MODEL_DIR": "of the model"}, listener=socket_path)
    fill(warm, command)
    with warm.serve(command, "asgi:app") as served:
        assert ask(socket_path).endswith(b"of the model")
        assert ask(socket_path).endswith(b"of the model")
    assert warm.pool.given == 1
    assert (served.exit.reason, socket_path.exists()) == (Reason.KILLED_BY_US, False)
    with warm.serve(replace(command, environment=replace(environment, flavours=())), "asgi:app") as served:
        assert ask(socket_path).endswith(b"of the model")


@pytest.mark.slow
def test_a_chain_is_judged_alike_warm_and_cold(jail, tmp_path_factory):
    """The reference's five milestones: every artefact has the same bytes, and every check the same answer."""
    if not (LEARNERS / "ml/bin/python").exists():
        pytest.skip("needs the learners' environment")
    warm = Warm(jail, 2)
    found = []
    try:
        for sandbox in (jail, warm, warm):
            store = Store(tmp_path_factory.mktemp("store"))
            facilities = Facilities(store, sandbox, LEARNERS)
            tree, package = store.put(PROJECT / "reference"), store.put(PROJECT)
            found.append(grade(Job(package, "deploy", tree, Draw(3, 4, load(PROJECT).domains[0])), facilities))
            assert warm.pool.wait_until_full(240)
        given = warm.pool.given
    finally:
        warm.close()
    # Two slots of each kind were ready for the last chain, which uses more.
    assert given >= 6
    cold, *warmed = found
    assert cold.outcome is Outcome.PASSED, cold.sentence
    for verdict in warmed:
        assert verdict.digests == cold.digests
        for link, other in zip(verdict.chain, cold.chain, strict=True):
            assert (link.kind, link.artefact, link.outcome) == (other.kind, other.artefact, other.outcome)
            assert [(r.name, r.answer) for r in link.results] == [(r.name, r.answer) for r in other.results]
            assert link.usage.cpu_s < other.usage.cpu_s + 1
