"""What many watchers cost one web process: how soon each hears a first line after handing in, and how late each event.

Starts the web process by itself, on a var folder that is thrown away. One process beside it plays all the workers and
writes through the ledger. Each watcher reads a submission of its own over a real socket.
"""

import argparse
import asyncio
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from scripts.processes import cpu_s, memory_mb

PORT = 8731
ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tests" / "fixtures" / "packages" / "tiny"
READY_S = 60
MARK = "written at "
BOUNDARY = "the-end-of-a-part"

# Run in processes of their own, with the settings that they find.
PREPARE = f"""
import django; django.setup()
import sys
from pathlib import Path
from curriculum.package import load
from curriculum.publish import publish
from django.core.management import call_command
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import intake, tasks
from people.learners.facilities import store
call_command("migrate", verbosity=0)
package = load(Path({str(PACKAGE)!r}))
project = publish(package, store().put(package.folder), store().put(package.folder / "starter"))
tasks.make_worlds.delay = lambda *given: None
for number in range(int(sys.argv[1])):
    user = User(username=f"learner{{number}}")
    user.set_unusable_password()
    user.save()
    intake.enrol(user, project)
    print(issue_token(user, "bench"))
"""
WORK = f"""
import django; django.setup()
import sys, time
from people.learners import ledger
from people.learners.models import Run
from grading.pipeline import Job, void
from grading.world import Draw
each, rate = int(sys.argv[1]), float(sys.argv[2])
runs = [ledger.claim(pk) for pk in Run.objects.filter(state="queued").values_list("pk", flat=True)]
began = time.monotonic()
for number in range(each):
    for place, run in enumerate(runs):
        due = began + (number * len(runs) + place) / rate
        time.sleep(max(0, due - time.monotonic()))
        ledger.note_event(run, "ingest", f"{MARK}{{time.time()}}", "output" if number % 2 else "step")
for run in runs:
    run.tries = 9
    ledger.record(run, void(Job("", "ingest", "", Draw(1, 1, "")), "bench"))
"""


@dataclass
class Watched:
    """What one watcher measured, in seconds: from the answer to its hand-in to a first line; and of each event."""

    first: float = 0
    late: list[float] = field(default_factory=list)
    ended: bool = False


@contextmanager
def serve(variables: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    words = f"uvicorn config.asgi:application --port {PORT} --log-level warning --lifespan off"
    web = subprocess.Popen([sys.executable, "-m", *words.split()], cwd=ROOT, env=variables)
    try:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            try:
                urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=2)
                break
            except OSError:
                time.sleep(0.2)
        yield web
    finally:
        web.terminate()
        web.wait()


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def ask(token: str, method: str, path: str, body: bytes = b"", **headers: str) -> Streams:
    """Send one request; what comes back is read by the caller, who holds both ends, or the connection closes."""
    given = {"Host": f"127.0.0.1:{PORT}", "Authorization": f"Bearer {token}", **headers}
    if body:
        given["Content-Length"] = str(len(body))
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    await writer.drain()
    return reader, writer


async def hand_in(token: str) -> str:
    """The path of the events of a new submission."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pipeline/ingest.py", f"# {token}")
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="tree"; filename="t.zip"\r\n\r\n'
    body = head.encode() + packed.getvalue() + f"\r\n--{BOUNDARY}--\r\n".encode()
    path = "/api/projects/tiny/milestones/ingest/submissions"
    form = f"multipart/form-data; boundary={BOUNDARY}"
    reader, writer = await ask(token, "POST", path, body, Content_Type=form, Connection="close")
    answer = await reader.read()
    writer.close()
    assert b" 201 " in answer.split(b"\r\n")[0], answer[-300:]
    location = next(line for line in answer.decode("latin-1").split("\r\n") if line.lower().startswith("location:"))
    return location.partition(str(PORT))[2].strip() + "/events"


async def watch(token: str, path: str, watched: Watched) -> None:
    began = time.monotonic()
    reader, writer = await ask(token, "GET", path, Accept="text/event-stream")
    while line := (await reader.readline()).decode():
        if line.startswith("event: ") and not watched.first:
            watched.first = time.monotonic() - began
        if MARK in line:
            watched.late.append(time.time() - float(line.partition(MARK)[2].partition('"')[0]))
        if line.startswith("event: verdict"):
            watched.ended = True
            break
    writer.close()


async def arrive(token: str, delay: float, watched: Watched) -> None:
    await asyncio.sleep(delay)
    await watch(token, await hand_in(token), watched)


async def measure(tokens: list[str], seconds: float, variables: dict[str, str], work: list[str]) -> list[Watched]:
    """Everybody comes within so many seconds; then the workers begin."""
    everybody = [Watched() for _ in tokens]
    tasks = [
        asyncio.ensure_future(arrive(token, seconds * number / len(tokens), watched))
        for number, (token, watched) in enumerate(zip(tokens, everybody, strict=True))
    ]
    while not all(watched.first for watched in everybody):
        await asyncio.sleep(0.1)
        for task in tasks:
            if task.done():
                task.result()
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORK, *work, cwd=ROOT, env=variables)
    await asyncio.gather(*tasks)
    await worker.wait()
    return everybody


def describe(name: str, values: list[float]) -> str:
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    worst = (
        f"p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, worst {ordered[-1] * 1000:.0f} ms"
    )
    return f"{name:34} {worst} (n={len(ordered)})"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench --watchers", description=__doc__)
    parser.add_argument("--watchers", type=int, default=200)
    parser.add_argument("--within", type=float, default=20, help="seconds in which all of them hand in")
    parser.add_argument("--events", type=int, default=20, help="of each run")
    parser.add_argument("--rate", type=float, default=200, help="events a second, of all runs together")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as scratch:
        variables = {**os.environ, "MILEPOST_VAR": scratch, "DJANGO_SETTINGS_MODULE": "config.settings"}
        variables |= {
            "DATABASE_URL": f"sqlite:///{scratch}/bench.sqlite3",
            "BROKER_URL": "memory://",
            "MILEPOST_LOG_LEVEL": "CRITICAL",
        }
        words = [sys.executable, "-c", PREPARE, str(asked.watchers)]
        tokens = subprocess.check_output(words, cwd=ROOT, env=variables, text=True).split()
        with serve(variables) as web:
            before, began = cpu_s(web.pid), time.monotonic()
            work = [str(asked.events), str(asked.rate)]
            everybody = asyncio.run(measure(tokens, asked.within, variables, work))
            used, took, memory = cpu_s(web.pid) - before, time.monotonic() - began, memory_mb(web.pid)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {asked.watchers} watchers, one web process")
    print(describe("first line after handing in", [watched.first for watched in everybody]) + "   goal: p95 <= 300 ms")
    print(describe("an event, from row to watcher", [late for watched in everybody for late in watched.late]))
    heard = sum(len(watched.late) for watched in everybody)
    print(f"heard {heard} of {asked.watchers * asked.events} events; {sum(w.ended for w in everybody)} verdicts")
    print(f"web process: {used:.1f} s of CPU in {took:.0f} s, {memory:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
