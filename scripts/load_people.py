"""How learners and leaders behave under load, for Locust: what they open, hand in and watch, and how long they think.

Started by `scripts/load`, which gives each of them a session. Everybody has chances of their own by seed.
"""

import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust import FastHttpUser, events, task

CAST: dict[str, Any] = json.loads(Path(os.environ["MILEPOST_LOAD_CAST"]).read_text())
SEED, THINK_S = os.environ["MILEPOST_LOAD_SEED"], float(os.environ["MILEPOST_LOAD_THINK"])
WATCHED_S = 2 * THINK_S
TREE = Path(os.environ["MILEPOST_LOAD_TREE"])
FILES = {path.relative_to(TREE).as_posix(): path.read_bytes() for path in sorted(TREE.rglob("*")) if path.is_file()}
# Any 32 letters will do: what counts is that cookie and header agree.
SECRET = "l" * 32
BOUNDARY = "the-end-of-a-part"
FIRST_LINE, VERDICT = "first live line", "verdict, from handing in"
WARM_S = float(os.environ["MILEPOST_LOAD_WARM"])
PLACES = {"learners": count(), "leaders": count()}


def forget_the_beginning(environment: Any, **_: object) -> None:
    """What counts is what comes when everybody is there."""
    gevent.spawn_later(WARM_S, environment.stats.reset_all)


def say_what_failed(name: str, exception: object, **_: object) -> None:
    if exception:
        print(f"{name}: {exception}", flush=True)


# Locust's hooks have no types.
hooks: Any = events
hooks.test_start.add_listener(forget_the_beginning)
hooks.request.add_listener(say_what_failed)


class Person(FastHttpUser):
    """Somebody of the cast, with their session and their own chances."""

    abstract = True
    part = ""

    def __init__(self, environment: Any) -> None:
        place = next(PLACES[self.part])
        cast = CAST[self.part]
        self.who = cast[place % len(cast)]
        self.random = Random(f"{SEED}/{self.part}/{place}")  # noqa: S311 - seeded
        self.default_headers = {
            "Cookie": f"sessionid={self.who['session']}; csrftoken={SECRET}",
            "X-CSRFToken": SECRET,
            "Accept": "text/html",
        }
        super().__init__(environment)

    def on_start(self) -> None:
        """Not all at once."""
        gevent.sleep(self.random.uniform(0, 2 * THINK_S))

    def wait_time(self) -> float:
        return self.random.uniform(0.5 * THINK_S, 1.5 * THINK_S)

    def open(self, name: str, path: str) -> None:
        self.client.get(path, name=name)

    def note(self, name: str, began: float) -> None:
        """Count something that took so long as one more row of the table."""
        told: dict[str, Any] = {"request_type": "LIVE", "name": name, "response_length": 0, "exception": None}
        self.environment.events.request.fire(**told, response_time=(time.perf_counter() - began) * 1000, context={})


class Learner(Person):
    """Looks at where they stand, reads, edits, hands in and watches."""

    part = "learners"
    weight = 25

    @task
    def go_on(self) -> None:
        deeds: dict[Callable[[], None], int] = {
            self.look_at_start: 2,
            self.look_at_map: 4,
            self.read_brief: 4,
            self.read_result: 4,
            self.edit: 3,
            self.hand_in_and_watch: 3,
        }
        [deed] = self.random.choices(list(deeds), list(deeds.values()))
        deed()

    def look_at_start(self) -> None:
        self.open("start", "/")

    def look_at_map(self) -> None:
        self.open("map", f"/projects/{CAST['crowd']}/")

    def read_brief(self) -> None:
        self.open("brief", f"/projects/{CAST['project']}/milestones/{CAST['kind']}/")

    def read_result(self) -> None:
        if self.who["result"]:
            self.open("result", f"/submissions/{self.who['result']}/")

    def edit(self) -> None:
        self.open("editor", f"/projects/{CAST['project']}/edit/")

    def hand_in_and_watch(self) -> None:
        began = time.perf_counter()
        address = f"/projects/{CAST['project']}/milestones/{CAST['kind']}/submit/"
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        body: Any = pack(f"# {SEED} {self.random.random()}\n")
        answer = self.client.post(address, data=body, headers=form, name="hand in", allow_redirects=False)
        if answer.status_code == 302 and answer.headers:
            page = str(answer.headers["location"])
            self.open("result, live", page)
            self.watch(page.rstrip("/").rpartition("/")[2], began)

    def watch(self, submission: str, handed_in: float) -> None:
        """Until the verdict, or until they have seen enough."""
        opened, first = time.perf_counter(), True
        with gevent.Timeout(WATCHED_S, False):
            answer = self.client.get(
                f"/api/submissions/{submission}/events",
                headers={"Accept": "text/event-stream"},
                stream=True,
                name="stream",
            )
            while answer.status_code == 200 and (line := answer.stream.readline(b"\n")):
                if first and line.startswith(b"event:"):
                    self.note(FIRST_LINE, opened)
                    first = False
                if line.startswith(b"event: verdict"):
                    if b"superseded" not in answer.stream.readline(b"\n"):
                        self.note(VERDICT, handed_in)
                    break
        self.client.client.close()


class Leader(Person):
    """Looks at the whole cohort."""

    part = "leaders"
    weight = 1

    @task
    def go_on(self) -> None:
        name, path = self.random.choice(
            [
                ("heat map", "/"),
                ("gradebook", "/gradebook/"),
                ("gradebook by total", "/gradebook/?sort=-total"),
                ("at risk", "/at-risk/"),
            ]
        )
        self.open(name, f"/cohorts/{CAST['cohort']}{path}")


def pack(remark: str) -> bytes:
    """A whole tree as a browser sends it, with a remark that makes it another one than all before."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in FILES.items():
            archive.writestr(name, held + remark.encode() if name.endswith("ingest.py") else held)
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="archive"; filename="work.zip"\r\n\r\n'
    return head.encode() + packed.getvalue() + f"\r\n--{BOUNDARY}--\r\n".encode()
