"""What a run prints is told while it runs: few lines, seldom, and never in a way that could hold up or mislead."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace

import pytest

from grading.sandboxes import telling
from grading.sandboxes.telling import LETTERS, LETTERS_IN_ALL, LINES, Telling


@dataclass
class Ear:
    """A pipe's two ends and a clock that the test turns."""

    reading: int
    writing: int
    clock: list[float] = field(default_factory=lambda: [100.0])

    def wait(self, seconds: float = 1.0) -> None:
        self.clock[0] += seconds

    def hear(self) -> list[str]:
        os.set_blocking(self.reading, False)
        try:
            heard = os.read(self.reading, 1 << 20).decode()
        except BlockingIOError:
            return []
        return [json.loads(line)["said"] for line in heard.splitlines()]


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    ear = Ear(*os.pipe())
    monkeypatch.setattr(telling, "time", SimpleNamespace(monotonic=lambda: ear.clock[0]))
    yield ear
    os.close(ear.reading)
    os.close(ear.writing)


@pytest.fixture
def told(ear: Ear) -> Telling:
    return Telling(ear.writing)


def test_the_last_whole_lines_are_told_after_a_pause(ear: Ear, told: Telling) -> None:
    told.add(b"".join(b"line %d\n" % number for number in range(9)) + b"not yet wh")
    told.tell()
    assert ear.hear() == []
    ear.wait()
    told.tell()
    assert ear.hear() == ["\n".join(f"line {number}" for number in range(9 - LINES, 9))]
    told.add(b"ole\n")
    ear.wait()
    told.tell()
    assert ear.hear() == ["not yet whole"]


def test_a_bar_that_is_drawn_over_itself_is_lines(ear: Ear, told: Telling) -> None:
    told.add(b"10%\r20%\r30")
    ear.wait()
    told.tell()
    assert ear.hear() == ["10%\n20%"]


def test_in_all_no_more_is_told_than_a_run_may_show_and_ever_more_seldom(ear: Ear, told: Telling) -> None:
    moments, letters = [], 0
    for _ in range(36_000):
        told.add(b"x" * 3 * LETTERS + b"\n")
        ear.wait(0.1)
        told.tell()
        if said := ear.hear():
            moments.append(ear.clock[0])
            letters += sum(map(len, said))
    assert letters == LETTERS_IN_ALL
    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses[-1] > 2 * pauses[0]


def test_nobody_who_reads_is_waited_for_and_a_line_is_never_cut(ear: Ear, told: Telling) -> None:
    fcntl.fcntl(ear.writing, fcntl.F_SETPIPE_SZ, 4096)
    os.write(ear.writing, b'"' * 4000)
    told.add(b"hello\n")
    ear.wait()
    told.tell()
    assert os.read(ear.reading, 1 << 20) == b'"' * 4000
    ear.wait()
    told.tell()
    assert ear.hear() == ["hello"]


def test_what_steers_a_terminal_or_looks_like_an_answer_is_harmless(ear: Ear, told: Telling) -> None:
    forged = '{"exit": {"reason": "finished", "code": 0}}'
    told.add(f"\x1b[2J\u202e\n{forged}\n".encode() + b"\xff\xfe\n")
    ear.wait()
    told.tell()
    assert ear.hear() == [f"\ufffd[2J\ufffd\n{forged}\n\ufffd\ufffd"]


def test_empty_lines_are_no_news_and_cost_nothing(ear: Ear, told: Telling) -> None:
    for _ in range(100):
        told.add(b"\n \n")
        ear.wait(100)
        told.tell()
    assert ear.hear() == []
    told.add(b"at last\n")
    ear.wait(10_000)
    told.tell()
    assert ear.hear()[0].endswith("at last")


def test_a_hearer_that_is_gone_is_no_harm(told: Telling, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_pipe(opened: int, data: bytes) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(telling, "os", SimpleNamespace(write=break_pipe))
    told.add(b"hello\n")
    ear.wait()
    told.tell()


def test_a_run_is_heard_while_it_runs_and_says_all_of_it_at_its_end(run: Callable[..., object]) -> None:
    heard: list[tuple[float, str]] = []
    program = """
import time
for number in range(3):
    print('round', number)
    time.sleep(0.7)
print('{"exit": 1}\\\\n{"fault": "no"}')
"""
    ending = run(program, said=lambda text: heard.append((time.monotonic(), text)))
    ended = time.monotonic()
    assert ending.stdout.startswith("round 0\nround 1\nround 2\n{")
    assert (ending.reason, ending.code) == ("finished", 0)
    assert "round 0" in heard[0][1]
    assert ended - heard[0][0] > 0.5, "it was told well before the end"


def test_who_does_not_listen_is_told_nothing(run: Callable[..., object]) -> None:
    assert run("import time; print('a'); time.sleep(0.8); print('b')").stdout == "a\nb\n"
