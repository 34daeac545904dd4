"""A client for a server that we do not trust, over a Unix socket. Knows HTTP/1.1 and JSON, and no project.

One deadline covers a whole request. Head and body are bounded, redirects are not followed, nothing is decompressed,
and no answer of any server makes a method of Service raise.
"""

import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.kit.printing import printable
from grading.kit.strict_json import NotJson, parse_json

HEAD_BYTES = 16 * 1024
BODY_BYTES = 1024 * 1024
INTERIM_ANSWERS = 5
TEXT_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    status: the HTTP status, 0 when there was no valid HTTP answer. json: the parsed body, None when it was not
    strict JSON. ms: milliseconds from connecting to the last byte. text: the start of the body, safe to show.
    problem: a clause that says what was wrong with the answer ("did not answer within 5 s"), "" when nothing was.
    """

    status: int
    json: Any = None
    ms: float = 0.0
    text: str = ""
    problem: str = ""


class _RefusedError(Exception):
    """The server's bytes were not taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Service:
    """A learner's running service at this socket. Every request opens a connection of its own.

    deadline_s: seconds for one whole request, from connecting to the last byte of the body.
    """

    socket_path: Path
    deadline_s: float = 5.0

    def get(self, path: str) -> Answer:
        """GET the path."""
        return self._request("GET", path, b"")

    def post(self, path: str, body: object) -> Answer:
        """POST the body: bytes as they are (to send malformed ones), anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body, allow_nan=False).encode()
        return self._request("POST", path, data)

    def post_all(self, path: str, bodies: Sequence[object], at_once: int = 8, patience_s: float = 10.0) -> list[Answer]:
        """POST every body, `at_once` of them at a time; the answers are in the order of the bodies.

        After `patience_s` seconds nothing more is asked, so that a service that hangs cannot hold us for as many
        deadlines as there are bodies; what was not asked has an Answer that says so in its problem.
        """
        end = time.monotonic() + patience_s

        def ask(body: object) -> Answer:
            if time.monotonic() > end:
                return Answer(0, problem="was not asked any more: the questions before it took too long")
            return self.post(path, body)

        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(ask, bodies))

    def _request(self, method: str, path: str, data: bytes) -> Answer:
        start = time.monotonic()
        status, body, problem = 0, b"", ""
        try:
            with _Connection(self.socket_path, start + self.deadline_s) as connection:
                connection.send(_head(method, path, len(data)) + data)
                status, body = connection.receive()
        except TimeoutError:
            problem = f"did not answer within {self.deadline_s:g} s"
        except OSError as error:
            problem = f"closed the connection ({error.strerror or 'no reason given'})"
        except _RefusedError as refusal:
            problem = str(refusal)
        ms = (time.monotonic() - start) * 1000
        return _answer(status, body, ms, problem)


def _head(method: str, path: str, length: int) -> bytes:
    lines = (
        f"{method} {path} HTTP/1.1",
        "Host: service",
        "Connection: close",
        "Accept: application/json",
        "Accept-Encoding: identity",
        "Content-Type: application/json",
        f"Content-Length: {length}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(status: int, body: bytes, ms: float, problem: str) -> Answer:
    text = printable(body[: TEXT_SHOWN * 4].decode("utf-8", "replace"), TEXT_SHOWN)
    if problem:
        return Answer(status, None, ms, text, problem)
    if 300 <= status < 400:
        return Answer(status, None, ms, text, f"redirected ({status}) instead of answering")
    try:
        return Answer(status, parse_json(body), ms, text)
    except NotJson as why:
        return Answer(status, None, ms, text, f"sent a body that is not JSON: {why}")


class _Connection:
    """One connection with one deadline; `buffer` holds what was received and not yet used."""

    def __init__(self, path: Path, deadline: float) -> None:
        self.deadline = deadline
        self.buffer = b""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._tick()
            self.socket.connect(str(path))
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send what the server takes. One that answers early and closes is still read."""
        view = memoryview(data)
        try:
            while view:
                self._tick()
                view = view[self.socket.send(view) :]
        except (BrokenPipeError, ConnectionResetError):
            return

    def receive(self) -> tuple[int, bytes]:
        status, headers = self._head()
        if headers.get(b"content-encoding", b"identity").lower() not in (b"identity", b""):
            raise _RefusedError("compressed its answer although we asked for it as it is")
        coding = headers.get(b"transfer-encoding", b"").lower()
        if coding not in (b"", b"identity", b"chunked"):
            raise _RefusedError("used a transfer encoding that we do not know")
        if status in (204, 304):
            return status, b""
        if coding == b"chunked":
            return status, self._chunks()
        if b"content-length" in headers:
            return status, self._exactly(_length(headers[b"content-length"]))
        return status, self._rest()

    def _head(self) -> tuple[int, dict[bytes, bytes]]:
        for _ in range(INTERIM_ANSWERS):
            head = self._until(b"\r\n\r\n", HEAD_BYTES, "sent headers of more than 16 kB")
            first, *lines = head.split(b"\r\n")
            status = _status(first)
            if status >= 200:
                return status, _headers(lines)
        raise _RefusedError("sent interim answers (1xx) without an end")

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = _chunk_size(self._until(b"\r\n", 1024, "sent a chunk without a size"))
            if len(body) + size > BODY_BYTES:
                raise _RefusedError("sent a body of more than 1 MB")
            if size == 0:
                return bytes(body)
            body += self._exactly(size)
            self._exactly(2)

    def _until(self, mark: bytes, most: int, complaint: str) -> bytes:
        while mark not in self.buffer:
            if len(self.buffer) > most:
                raise _RefusedError(complaint)
            self._more()
        part, _, self.buffer = self.buffer.partition(mark)
        if len(part) > most:
            raise _RefusedError(complaint)
        return part

    def _exactly(self, size: int) -> bytes:
        parts, missing = [self.buffer[:size]], size - len(self.buffer)
        self.buffer = self.buffer[size:]
        while missing > 0:
            self._more()
            parts.append(self.buffer[:missing])
            self.buffer, missing = self.buffer[missing:], missing - len(parts[-1])
        return b"".join(parts)

    def _rest(self) -> bytes:
        parts, size = [self.buffer], len(self.buffer)
        while size <= BODY_BYTES:
            self._tick()
            data = self.socket.recv(65536)
            if not data:
                return b"".join(parts)
            parts.append(data)
            size += len(data)
        raise _RefusedError("sent a body of more than 1 MB")

    def _more(self) -> None:
        self._tick()
        data = self.socket.recv(65536)
        if not data:
            raise _RefusedError("closed the connection in the middle of its answer")
        self.buffer += data

    def _tick(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)


def _status(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    code = rest.partition(b" ")[0]
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or len(code) != 3 or not code.isdigit():
        raise _RefusedError("did not speak HTTP/1.1")
    return int(code)


def _headers(lines: list[bytes]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.strip().lower()
        if not colon or (name in headers and name in (b"content-length", b"transfer-encoding")):
            raise _RefusedError("sent headers that are not HTTP")
        headers[name] = value.strip()
    return headers


def _length(value: bytes) -> int:
    if not value.isdigit() or len(value) > 12:
        raise _RefusedError("sent a Content-Length that is not a number")
    if int(value) > BODY_BYTES:
        raise _RefusedError("announced a body of more than 1 MB")
    return int(value)


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";")[0].strip()
    if not digits or len(digits) > 8 or any(c not in b"0123456789abcdefABCDEF" for c in digits):
        raise _RefusedError("sent a chunk without a size")
    return int(digits, 16)
