"""Learners hand in over HTTP while faults go off; at the end the books are looked through.

    scripts/chaos --seed 1 --submissions 1000 --workers 4 --broker redis

Which faults come, in which order and when, the seed says. Database and broker are private ones and really die; workers
and the web are killed with all that they started. What no process can be given from outside is built into it by
tests/faults/rigged.py: a web process that dies after its commit, a store that is full or slow, and a clock that is two
minutes off. Most verdicts are canned in the same way (--real says how many are found in the jail), since it is the line
that is tried here, and not the jail.
"""

import argparse
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.parts import BROKERS, Part, Postgres, find_port

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
RIGGED = str(ROOT / "tests" / "faults" / "rigged.py")
LEASE_S = 10
CLOCK_S = 120
AT_ONCE = 4
GIVE_UP_S = 240
READY_S = 120
CELERY = "celery -A config --quiet"
WORKER = f"{CELERY} worker --concurrency 1 --loglevel ERROR --without-gossip --without-mingle"
FAULTS = (
    "kill a worker",
    "kill a worker",
    "kill the web after a commit",
    "lose the broker",
    "restart the database",
    "fill the store",
    "set a clock wrong",
    "slow a store",
    "kill the beat",
)
BEGINS = {
    "passed": "",
    "failed": "import pathlib\n_read = pathlib.Path.read_text\n"
    "pathlib.Path.read_text = lambda path: chr(10).join(_read(path).splitlines()[1:])\n",
    "broken": "raise ValueError('five')\n",
    "broken by a full disk": "import sys\nwith open(sys.argv[-1] + '/numbers.json', 'wb') as full:\n"
    "    while True:\n        full.write(bytes(2**20))\n",
}
WEIGHTS = (5, 2, 2, 1)
COUNT = """
import django; django.setup()
from people.learners.models import Run
print(Run.objects.exclude(state="done").count())
"""
SET_UP = f"""
import json, sys, django; django.setup()
from pathlib import Path
from curriculum.package import load
from curriculum.publish import publish
from people import ringing
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts.models import Cohort, Membership, Role
from people.learners import intake
from people.learners.facilities import store
intake.call_after_commit = lambda *_: None  # their worlds are made when they are needed
folder = Path({str(TINY)!r})
project = publish(load(folder), store().put(folder), store().put(folder / "starter"))
cohorts = [Cohort.objects.create(slug=f"c{{n}}", title=f"C{{n}}", project_slugs=["tiny"]) for n in range(3)]
tokens = []
for number in range(int(sys.argv[1])):
    user = User.objects.create(username=f"learner{{number}}")
    if number % 4:
        Membership.objects.create(cohort=cohorts[number % 4 - 1], user=user, role=Role.LEARNER)
    intake.enrol(user, project)
    tokens.append(issue_token(user, "chaos"))
print(json.dumps(tokens))
"""


@dataclass
class Process:
    """One process of Milepost's, brought back a second after it died."""

    command: list[str]
    environment: dict[str, str]
    running: "subprocess.Popen[bytes] | None" = None
    died_at: float = 0.0

    def tend(self) -> None:
        if self.running is None:
            self.running = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, start_new_session=True)
            self.died_at = 0.0
        elif self.running.poll() is not None:
            self.died_at = self.died_at or time.monotonic()
            if time.monotonic() - self.died_at > 1:
                self.running = None

    def kill(self) -> None:
        if self.running and self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()


@dataclass
class Night:
    """All that runs, and what is done to it."""

    folder: Path
    database: Part
    broker: Part
    chance: random.Random
    real: float
    port: int = field(default_factory=find_port)
    workers: list[Process] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "MILEPOST_VAR": str(self.folder / "var"),
            "MILEPOST_PROJECTS": str(self.folder),
            "MILEPOST_DEMO": "0",
            "MILEPOST_WARM": "0",
            "MILEPOST_LEASE_SECONDS": str(LEASE_S),
            "MILEPOST_ATTEMPT_MINUTES": "600",
            "MILEPOST_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.database.url,
            "BROKER_URL": self.broker.url,
            "C_FORCE_ROOT": "1",
            "PYTHONWARNINGS": "ignore",
            "OMP_NUM_THREADS": "1",
        }

    def run(self, *words: str) -> str:
        told = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return told.stdout

    def start(self, workers: int) -> None:
        web = f"uvicorn config.asgi:application --port {self.port} --log-level critical --lifespan off"
        self.web = Process(rigged({"kill": str(self.folder / "kill-web")}, web), self.environment)
        self.beat = Process([sys.executable, "-m", *f"{CELERY} beat --loglevel CRITICAL".split()], self.environment)
        self.workers = [Process(self.rig_worker(number), self.environment) for number in range(workers)]

    def rig_worker(self, number: int, **faults: float) -> list[str]:
        told = {"leases": str(self.folder / "leases.jsonl"), "full": str(self.folder / "full"), "slow_s": 0}
        return rigged(
            {**told, "canned": 1 - self.real, "takes_s": [0.1, 0.8], **faults}, f"{WORKER} --hostname w{number}@%h"
        )

    @property
    def processes(self) -> list[Process]:
        return [self.web, self.beat, *self.workers]

    def strike(self, fault: str) -> None:
        """Let this go wrong."""
        self.done[fault] += 1
        number = self.chance.randrange(len(self.workers))
        seconds = self.chance.uniform(2, 6)
        if fault == "kill the beat":
            self.beat.kill()
        elif fault == "kill the web after a commit":
            (self.folder / "kill-web").touch()
        elif fault == "fill the store":
            (self.folder / "full").touch()
            self.wait(seconds)
            (self.folder / "full").unlink()
        elif fault in ("lose the broker", "restart the database"):
            part = self.broker if fault == "lose the broker" else self.database
            part.stop()
            self.wait(seconds)
            part.start()
        else:
            wrong = {
                "set a clock wrong": {"clock_s": self.chance.choice((-CLOCK_S, CLOCK_S))},
                "slow a store": {"slow_s": 0.5},
            }
            self.workers[number].command = self.rig_worker(number, **wrong.get(fault, {}))
            self.workers[number].kill()

    def wait(self, seconds: float) -> None:
        """Meanwhile the dead are brought back, as systemd would."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for process in self.processes:
                process.tend()
            time.sleep(0.2)


def rigged(faults: dict[str, Any], words: str) -> list[str]:
    return [sys.executable, RIGGED, json.dumps(faults), *words.split()]


def plan(number: int, chance: random.Random) -> bytes:
    """Work whose verdict is known: a zip of the reference with something before it."""
    [chosen] = chance.choices(list(BEGINS), WEIGHTS)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((TINY / "reference").rglob("*.py")):
            name = path.relative_to(TINY / "reference").as_posix()
            begin = BEGINS[chosen] if name == "pipeline/ingest.py" else ""
            archive.writestr(name, begin + path.read_text())
        archive.writestr("plan.txt", f"{chosen.split()[0]} {number}")
    return packed.getvalue()


class Learner:
    """Hands in over HTTP, as often as it takes, and once only: who heard no answer looks first what was taken."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token, self.handed_in = address, token, 0

    def hand_in(self, work: bytes, until: float) -> None:
        while time.monotonic() < until:
            try:
                self._send(work)
                self.handed_in += 1
                return
            except (OSError, urllib.error.HTTPError, ValueError):
                time.sleep(1)
            try:
                if self._count() > self.handed_in:
                    self.handed_in += 1
                    return
            except (OSError, urllib.error.HTTPError, ValueError):
                time.sleep(1)
        raise SystemExit("a learner could not hand in at all")

    def _send(self, work: bytes) -> None:
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="tree"; filename="tree.zip"\r\n\r\n'
        body = head.encode() + work + f"\r\n--{mark}--\r\n".encode()
        self._ask("/api/projects/tiny/milestones/ingest/submissions", body, f"multipart/form-data; boundary={mark}")

    def _count(self) -> int:
        told: int = self._ask("/api/submissions?project=tiny")["count"]
        return told

    def _ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        with urllib.request.urlopen(urllib.request.Request(self.address + path, body, headers), timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


def wait_until_ready(night: Night) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        night.wait(0.5)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{night.port}/healthz", timeout=2).close()
            return
        except OSError:
            continue
    raise SystemExit("the web process does not answer")


def hand_in_all(night: Night, tokens: list[str], submissions: int, seconds: float, seed: int) -> Callable[[], bool]:
    """Let learners hand in over so many seconds, from a few threads; asks whether they are through."""
    address, chance = f"http://127.0.0.1:{night.port}", random.Random(seed)
    learners = [Learner(address, token) for token in tokens]
    begun, until = time.monotonic(), time.monotonic() + seconds + GIVE_UP_S

    def hand_in(number: int) -> None:
        time.sleep(max(0, begun + seconds * number / submissions - time.monotonic()))
        # The last tenth is of learners who hand in again.
        learners[number % len(learners)].hand_in(works[number], until)

    works = [plan(number, chance) for number in range(submissions)]
    pool = ThreadPoolExecutor(AT_ONCE)
    handed = [pool.submit(hand_in, number) for number in range(submissions)]

    def are_through() -> bool:
        for one in handed:
            if one.done():
                one.result()
        return all(one.done() for one in handed)

    return are_through


def count_open(night: Night) -> int:
    """How many runs are not done; asked of the database in the simplest way."""
    return int(night.run("-c", COUNT))


def live_through(night: Night, options: argparse.Namespace) -> dict[str, Any]:
    """Submissions and faults for so long, then quiet until all is done or nothing moves any more."""
    night.run("manage.py", "prepare")
    learners = max(1, options.submissions * 9 // 10)
    tokens = json.loads(night.run("-c", SET_UP, str(learners)))
    night.start(options.workers)
    wait_until_ready(night)
    through = hand_in_all(night, tokens, options.submissions, options.seconds, options.seed)
    deadline, begun = time.monotonic() + options.seconds, time.monotonic()
    while time.monotonic() < deadline:
        night.wait(night.chance.uniform(0.5, 1.5) * options.pause)
        fault = night.chance.choice(FAULTS)
        print(f"{time.monotonic() - begun:6.0f} s  {fault}", flush=True)
        night.strike(fault)
    (night.folder / "kill-web").unlink(missing_ok=True)
    last = time.monotonic() + GIVE_UP_S
    while time.monotonic() < last and not (through() and count_open(night) == 0):
        night.wait(2)
    took = time.monotonic() - begun
    books = json.loads(night.run("-m", "tests.faults.books", str(night.folder / "leases.jsonl")))
    return {"seconds": round(took), "faults": dict(night.done), **books}


def tell(options: argparse.Namespace, told: dict[str, Any]) -> int:
    head = f"seed {options.seed}, {options.broker}, {options.workers} workers, {options.real:.0%} in the jail"
    print(f"\n| {head} | |\n|---|---|")
    if told["runs"] < options.submissions:
        told["broken"].append(f"{options.submissions} submissions, and {told['runs']} runs")
    for name, value in told.items():
        if name != "broken":
            shown = ", ".join(f"{key}: {count}" for key, count in value.items()) if isinstance(value, dict) else value
            print(f"| {name} | {shown if not isinstance(shown, float) else round(shown, 1)} |")
    print(f"| broken promises | {len(told['broken'])} |")
    for line in told["broken"][:40]:
        print(f"  {line}")
    return 1 if told["broken"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--broker", choices=sorted(BROKERS), default="redis")
    parser.add_argument("--seconds", type=float, default=600, help="how long submissions and faults come")
    parser.add_argument("--pause", type=float, default=8, help="between two faults, in the middle")
    parser.add_argument("--real", type=float, default=0.05, help="the share of runs that are judged in the jail")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="milepost-chaos-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        night = Night(
            folder, Postgres(folder), BROKERS[options.broker](folder), random.Random(options.seed), options.real
        )
        try:
            night.database.start()
            night.broker.start()
            return tell(options, live_through(night, options))
        finally:
            for process in [
                *night.workers,
                *(getattr(night, name) for name in ("web", "beat") if hasattr(night, name)),
            ]:
                process.kill()
            night.broker.stop()
            night.database.stop()


if __name__ == "__main__":
    sys.exit(main())
