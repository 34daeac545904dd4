"""Asking a service: once for all, backwards, with nonsense, and again after it."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grading.kit import (
    Answer,
    DoesNotHold,
    Malformed,
    Produced,
    Service,
    ask_backwards,
    ask_once,
    encode_bodies,
    expect_unharmed,
    find_unrefused,
    running_service,
)

BODIES = [{"n": 1}, {"n": 2}, {"n": 3}]


@dataclass
class Played:
    """A service that answers as `reply` says, which is given the body; it remembers whom it heard, in order."""

    service: Service
    reply: Callable[[bytes], tuple[int, object]]
    heard: list[bytes] = field(default_factory=list)

    def answer(self, connection: socket.socket) -> None:
        head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
        status, told = (200, {"status": "ok"}) if head.startswith(b"GET") else self.reply(body)
        if not head.startswith(b"GET"):
            self.heard.append(body)
        text = json.dumps(told).encode()
        connection.sendall(b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text))


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    """Says the number that it was asked about."""
    play = Played(Service(tmp_path / "s.sock"), lambda body: (200, json.loads(body)))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.sock"))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # it was shut: nobody asks any more
                    return
                with connection:
                    play.answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield play
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_without_a_service_there_is_a_sentence() -> None:
    with pytest.raises(DoesNotHold, match="no service to talk to"):
        running_service(Produced(Path()))
    assert running_service(Produced(Path(), service=Service(Path("s")))) == Service(Path("s"))


def test_bodies_are_encoded_and_bytes_left_as_they_are() -> None:
    assert encode_bodies([{"a": None}, b"{"]) == (b'{"a": null}', b"{")


def test_who_asks_the_same_again_is_told_what_was_said_first(played: Played) -> None:
    first = ask_once(played.service, "/predict", BODIES, at_once=1)
    assert ask_once(played.service, "/predict", encode_bodies(BODIES), at_once=1) is first
    assert [answer.json for answer in first] == BODIES
    assert len(played.heard) == 3
    ask_once(played.service, "/predict", BODIES[:1], at_once=1)
    assert len(played.heard) == 4


def test_asked_backwards_the_last_is_asked_first_and_the_answers_are_in_order(played: Played) -> None:
    answers = ask_backwards(played.service, "/predict", BODIES)
    assert [answer.json for answer in answers] == BODIES
    assert [json.loads(body)["n"] for body in played.heard] == [3, 2, 1]


def test_what_was_not_refused_by_name_is_a_row(played: Played) -> None:
    played.reply = lambda body: (422, {"error": "amount"}) if b"NaN" in body else (200, {})
    requests = [
        Malformed("NaN", b'{"amount": NaN}', "amount"),
        Malformed("NaN elsewhere", b'{"fee": NaN}', "fee"),
        Malformed("words", b"please"),
        Malformed("emoji", b'{"name": "x"}', bearable=True),
    ]
    assert find_unrefused(played.service, "/predict", requests) == [
        {"request": "NaN elsewhere", "answer": "status 422, but fee is not named"},
        {"request": "words", "answer": "status 200"},
    ]


def test_a_service_is_unharmed_when_it_is_well_and_says_what_it_said(played: Played) -> None:
    before = Answer(200, {"n": 1, "at": "noon"})
    expect_unharmed(played.service, "/predict", BODIES[0], before, only=["n"])
    with pytest.raises(DoesNotHold, match="gives another answer"):
        expect_unharmed(played.service, "/predict", BODIES[0], before)
    played.reply = lambda body: (200, {"n": 1 + 1e-12})
    with pytest.raises(DoesNotHold, match="gives another answer"):
        expect_unharmed(played.service, "/predict", BODIES[0], before, only=["n"])


def test_a_service_that_is_gone_is_not_unharmed(tmp_path: Path) -> None:
    with pytest.raises(DoesNotHold, match=r"GET /health closed the connection \(No such file or directory\)"):
        expect_unharmed(Service(tmp_path / "none.sock"), "/predict", {}, Answer(200, {}))
