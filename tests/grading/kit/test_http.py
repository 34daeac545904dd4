"""The client against servers that lie, dribble, never end and never answer: each gets words of its own."""

import gzip
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grading.kit import Answer, Service

OK = b"HTTP/1.1 200 OK\r\n"
Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def server(folder: Path, behave: Behaviour) -> Iterator[Path]:
    """A Unix socket that accepts connections and lets `behave` treat each of them in a thread of its own."""
    path, over = folder / "s.sock", threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(32)

        def treat(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.recv(65536)
                    behave(connection, over)
                except OSError:
                    return

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=treat, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield path
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)


def sent(data: bytes) -> Behaviour:
    return lambda connection, over: connection.sendall(data)


def body(content: bytes, head: bytes = OK) -> Behaviour:
    return sent(head + b"Content-Length: %d\r\n\r\n" % len(content) + content)


def forever(start: bytes, part: bytes, pause: float = 0.0) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(pause):
            connection.sendall(part)

    return behave


def ask(folder: Path, behave: Behaviour, deadline_s: float = 5.0) -> Answer:
    with server(folder, behave) as path:
        return Service(path, deadline_s).get("/health")


def test_a_plain_and_a_chunked_answer_are_read(tmp_path: Path) -> None:
    answer = ask(tmp_path, body(b'{"probability": 0.5}'))
    assert (answer.status, answer.json, answer.problem) == (200, {"probability": 0.5}, "")
    (tmp_path / "s.sock").unlink()
    chunks = b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n3;x=y\r\n10}\r\n0\r\n\r\n'
    assert ask(tmp_path, sent(OK + chunks)).json == {"a": 10}


def test_an_answer_without_a_length_ends_with_the_connection(tmp_path: Path) -> None:
    assert ask(tmp_path, sent(b"HTTP/1.0 404 Not Found\r\n\r\n{}")).status == 404


def test_interim_answers_are_skipped(tmp_path: Path) -> None:
    assert ask(tmp_path, sent(b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}")).json == {}


@pytest.mark.parametrize(
    ("behave", "words"),
    [
        (lambda connection, over: over.wait(), "did not answer within 0.3 s"),
        (forever(OK + b"Content-Length: 1000\r\n\r\n", b"x", 0.05), "did not answer within 0.3 s"),
        (forever(OK, b"X-A: b\r\n", 0.05), "did not answer within 0.3 s"),
        (forever(OK + b"\r\n", b"x" * 65536), "sent a body of more than 1 MB"),
        (forever(OK, b"X-A: " + b"y" * 1000 + b"\r\n"), "sent headers of more than 16 kB"),
        (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "interim answers (1xx) without an end"),
        (forever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"ffff\r\n" + b"z" * 65535 + b"\r\n"), "more than 1 MB"),
        (forever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1" * 5000), "a chunk without a size"),
        (sent(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n"), "a chunk without a size"),
        (sent(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n"), "a transfer encoding that we do not know"),
        (sent(OK + b"Content-Length: 1000000000000\r\n\r\n"), "a Content-Length that is not a number"),
        (sent(OK + b"Content-Length: 2000000\r\n\r\n"), "announced a body of more than 1 MB"),
        (sent(OK + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}"), "headers that are not HTTP"),
        (sent(OK + b"Content-Length: 20\r\n\r\n{}"), "closed the connection in the middle of its answer"),
        (sent(b""), "closed the connection in the middle of its answer"),
        (sent(os.urandom(200).replace(b"HTTP", b"") + b"\r\n\r\n"), "did not speak HTTP/1.1"),
        (sent(b"HTTP/1.1 99999 Fine\r\nContent-Length: 0\r\n\r\n"), "did not speak HTTP/1.1"),
        (sent(b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), "body that is not JSON"),
        (body(gzip.compress(bytes(9999)), OK + b"Content-Encoding: gzip\r\n"), "compressed its answer"),
        (body(b"{}", b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n"), "redirected (302) instead"),
        (body(b'{"p": NaN}'), "NaN is not a JSON number"),
        (body(b'{"p": 1e999}'), "a number is too large"),
        (body(b'{"p": 1, "p": 2}'), "names the same key twice"),
        (body(b"[" * 200_000), "nested too deeply"),
        (body(b"9" * 100_000), "too many digits"),
        (body(b"<html>error</html>"), "body that is not JSON"),
    ],
)  # fmt: skip
def test_every_bad_server_gets_words_of_its_own_in_time(tmp_path: Path, behave: Behaviour, words: str) -> None:
    start = time.monotonic()
    answer = ask(tmp_path, behave, deadline_s=0.3)
    assert words in answer.problem
    assert answer.json is None
    assert time.monotonic() - start < 1.0


def test_nobody_behind_the_socket_is_a_problem_and_not_an_exception(tmp_path: Path) -> None:
    answer = Service(tmp_path / "none.sock").post("/predict", {"a": 1})
    assert (answer.status, answer.json) == (0, None)
    assert "closed the connection" in answer.problem


def test_an_error_page_keeps_its_status_and_shows_its_text_harmlessly(tmp_path: Path) -> None:
    answer = ask(tmp_path, body(b"<b>\x1b[31mboom</b>", b"HTTP/1.1 500 Oh\r\n"))
    assert answer.status == 500
    assert answer.text == "<b>�[31mboom</b>"


def test_a_server_that_refuses_early_is_still_heard(tmp_path: Path) -> None:
    """It answers 413 and closes while the client is still sending a large body."""
    with server(tmp_path, body(b'{"error": "too large"}', b"HTTP/1.1 413 Too Large\r\n")) as path:
        answer = Service(path).post("/predict", b"x" * 5_000_000)
    assert (answer.status, answer.json) in [(413, {"error": "too large"}), (0, None)]


def test_bytes_are_sent_as_they_are_and_values_as_json(tmp_path: Path) -> None:
    def echo(connection: socket.socket, over: threading.Event) -> None:
        body(json.dumps({"thread": threading.get_ident()}).encode())(connection, over)

    with server(tmp_path, echo) as path:
        answers = Service(path).post_all("/predict", [{"n": n} for n in range(20)], at_once=5)
        assert Service(path).post("/predict", b"{broken").status == 200
    assert [answer.status for answer in answers] == [200] * 20


def test_a_service_that_hangs_is_not_asked_for_ever(tmp_path: Path) -> None:
    start = time.monotonic()
    with server(tmp_path, lambda connection, over: over.wait()) as path:
        answers = Service(path, deadline_s=0.1).post_all("/predict", [{}] * 100, at_once=2, patience_s=0.15)
    assert [answer.status for answer in answers] == [0] * 100
    assert "did not answer" in answers[0].problem
    assert "was not asked any more" in answers[-1].problem
    assert time.monotonic() - start < 1.0
