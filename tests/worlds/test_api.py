"""The disputes API: pages that overlap, refusals that pass, and an end when its owner ends."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from worlds.api import MOST_CALLERS

ROOT = Path(__file__).parents[2]
ITEMS = [{"dispute_id": f"d_{number}"} for number in range(650)]
Get = Callable[[str], tuple[int, dict[str, Any], str | None]]


class UnixConnection(HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


def start(*options: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "worlds.api", *options], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"serving")
    return process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "disputes.json").write_text(json.dumps(ITEMS))
    return tmp_path


@pytest.fixture
def process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = start("--folder", str(folder), "--socket", str(folder / "s"))
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def get(process: subprocess.Popen[bytes], folder: Path) -> Get:
    def ask(path: str) -> tuple[int, dict[str, Any], str | None]:
        connection = UnixConnection(str(folder / "s"))
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.getheader("Retry-After")

    return ask


def test_a_patient_reader_gets_everything_and_some_of_it_twice(get: Get) -> None:
    cursor, items, refusals = "0", [], []
    while cursor is not None:
        status, page, wait = get(f"/disputes?cursor={cursor}")
        if status != 200:
            refusals.append((status, wait))
            continue
        items += page["items"]
        cursor = page["next_cursor"]
    assert refusals == [(429, "1"), (503, None)]
    assert len(items) > len(ITEMS)
    assert {item["dispute_id"] for item in items} == {item["dispute_id"] for item in ITEMS}
    assert page["total_estimate"] != len(ITEMS)


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [("/refunds", 404, "/disputes"), ("/disputes?cursor=x", 400, "cursor"), ("/disputes?cursor=-1", 400, "cursor")],
)
def test_a_wrong_question_gets_a_sentence(get: Get, path: str, status: int, word: str) -> None:
    answer = get(path)
    assert answer[0] == status
    assert word in answer[1]["error"]


def test_it_stops_when_its_owner_closes_the_pipe(process: subprocess.Popen[bytes], folder: Path) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=5) == 0
    assert not (folder / "s").exists()


def test_it_serves_a_port_for_learners_and_stops_on_a_signal(folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start("--folder", str(folder), "--port", str(port))
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/disputes?cursor=0")
    assert len(json.loads(connection.getresponse().read())["items"]) == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0


def test_it_starts_without_pandas_and_numpy() -> None:
    code = "import sys, worlds.api; print([m for m in ('numpy', 'pandas') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "[]"


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "worlds.api", "--folder", str(tmp_path / "no"), "--port", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--folder" in done.stderr


def test_callers_that_hang_are_bounded_and_hold_up_nobody_who_comes_after(
    process: subprocess.Popen[bytes], folder: Path, get: Get
) -> None:
    hanging = []
    for _ in range(200):
        one = socket.socket(socket.AF_UNIX)
        one.connect(str(folder / "s"))
        with suppress(OSError):  # who is one too many is turned away at once
            one.sendall(b"GET /disputes HTTP/1.1\r\nX: ")
        hanging.append(one)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and len(list(Path(f"/proc/{process.pid}/task").iterdir())) < MOST_CALLERS:
        time.sleep(0.01)
    assert len(list(Path(f"/proc/{process.pid}/task").iterdir())) <= MOST_CALLERS + 2
    for one in hanging:
        one.close()
    time.sleep(0.2)
    assert get("/disputes?cursor=0")[0] == 200
