"""Talks to one Milepost server. Turns every answer that is not what was asked for into a Trouble."""

# Or the annotations alone would import what is meant to come late.
from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from milepost import __version__
from milepost.late import import_late
from milepost.troubles import Refused, Unreachable

if TYPE_CHECKING:
    import httpx
else:
    httpx = import_late("httpx")

SECONDS, CONNECT_S = 30.0, 10.0
# A stream of events says something at least this often, if only that there is nothing to say.
SILENCE_S = 60.0
# Not there, not that, and not for one more watcher.
NO_STREAM = frozenset({404, 406, 429})
AGENT = f"milepost/{__version__}"
# How long to wait before each further try of what may be sent again, because the server knows its key.
TRIES_AFTER_S = (1.0, 3.0, 9.0)
# Nobody knows whether the server has heard it, or it had a fault and nothing was done.
SENT_AGAIN = frozenset({"unreachable", "server-fault"})
pause = time.sleep
# Another way to the server than the network.
transport: httpx.BaseTransport | None = None

Answer = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One event of a stream: what it holds, and the id after which to go on when the connection is lost."""

    id: int
    name: str
    data: Answer


class NotStreamed(Exception):
    """This server has no stream of events at that address: ask for them again and again instead."""


class Server:
    """A server at one address, as the owner of one token sees it."""

    def __init__(self, address: str, token: str = "", connect_s: float = CONNECT_S) -> None:
        self.address = address
        headers = {"User-Agent": AGENT, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        seconds = httpx.Timeout(SECONDS, connect=connect_s)
        self._http = httpx.Client(base_url=address, headers=headers, timeout=seconds, transport=transport)

    def get(self, path: str, **params: str | int) -> Answer:
        return self._ask("GET", path, params=params)

    def post(self, path: str, json: object = None, files: Any = None, data: Any = None) -> Answer:
        return self._ask("POST", path, json=json, files=files, data=data)

    def post_once(self, path: str, files: Any = None, data: Any = None) -> Answer:
        """Post what is to be done once, and send it again where no answer came: under its key nothing is done twice."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        for wait in TRIES_AFTER_S:
            try:
                return self._ask("POST", path, files=files, data=data, headers=headers)
            except Unreachable as lost:
                if lost.code not in SENT_AGAIN:
                    raise
            except Refused as no:
                # Our own request of before, whose answer was lost, is at work.
                if no.code != "key-in-use":
                    raise
            pause(wait)
        return self._ask("POST", path, files=files, data=data, headers=headers)

    def list(self, path: str, **params: str | int) -> list[Answer]:
        """The first 200 entries of a list."""
        found: list[Answer] = self.get(path, limit=200, **params)["results"]
        return found

    def download(self, path: str, into: IO[bytes], on_bytes: Callable[[int, int], None], known: str = "") -> str:
        """Write the answer into a file and give its ETag; if that is the known one, nothing is sent or written.

        `on_bytes` is told how many bytes have come, and of how many.
        """
        headers = {"If-None-Match": f'"{known}"'} if known else {}
        try:
            with self._http.stream("GET", path, headers=headers) as response:
                if known and response.status_code == httpx.codes.NOT_MODIFIED:
                    return known
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise self._trouble(response)
                total = int(response.headers.get("Content-Length", 0))
                for chunk in response.iter_bytes():
                    into.write(chunk)
                    on_bytes(response.num_bytes_downloaded, total)
                return str(response.headers.get("ETag", "")).removeprefix("W/").strip('"')
        except httpx.HTTPError as lost:
            raise self._unreachable(lost) from lost

    @contextmanager
    def stream(self, path: str, after: int) -> Iterator[Iterator[Event]]:
        """The events after this one, as they happen. Raises NotStreamed where the server knows no streams."""
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        patience = httpx.Timeout(SECONDS, read=SILENCE_S)
        try:
            with self._http.stream("GET", path, headers=headers, timeout=patience) as response:
                streams = response.headers.get("Content-Type", "").startswith("text/event-stream")
                if response.status_code in NO_STREAM or (response.is_success and not streams):
                    raise NotStreamed
                if not response.is_success:
                    response.read()
                    raise self._trouble(response)
                yield read_events(response.iter_lines())
        except httpx.HTTPError as lost:
            raise self._unreachable(lost) from lost

    def _ask(self, method: str, path: str, **request: Any) -> Answer:
        try:
            response = self._http.request(method, path, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as lost:
            raise self._unreachable(lost) from lost
        if not response.is_success:
            raise self._trouble(response)
        return self._read(response)

    def _read(self, response: httpx.Response) -> Answer:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._stranger(response)
        return answer

    def _trouble(self, response: httpx.Response) -> Refused | Unreachable:
        if response.is_server_error:
            return Unreachable(
                f"{self.address} had a fault of its own ({response.status_code}); nothing is wrong with your work.",
                "Try again in a while.",
                "server-fault",
            )
        if response.is_redirect:
            target = response.headers.get("Location", "")
            return Refused(f"{self.address} sends us on to {target}.", "Log in at that address instead.", "moved")
        problem = self._read(response)
        if "detail" not in problem or "code" not in problem:
            return self._stranger(response)
        return Refused(str(problem["detail"]), str(problem.get("remedy", "")), str(problem["code"]))

    def _stranger(self, response: httpx.Response) -> Unreachable:
        return Unreachable(
            f"What answers at {self.address} ({response.status_code}) does not speak as a Milepost server does.",
            "Look at the address for a spelling mistake.",
            "not-milepost",
        )

    def _unreachable(self, lost: Exception) -> Unreachable:
        return Unreachable(
            f"{self.address} cannot be reached: {lost}.", "Look at your connection and at the address.", "unreachable"
        )


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """The events of a text/event-stream; what is no event of ours is passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields and (event := _read_event(fields)):
                yield event
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields['data']}\n{value}" if name == "data" and "data" in fields else value


def _read_event(fields: dict[str, str]) -> Event | None:
    try:
        data = json.loads(fields["data"])
    except ValueError:
        return None
    number = fields.get("id", "")
    return Event(
        int(number) if number.isdecimal() else 0, fields.get("event", "message"), data if isinstance(data, dict) else {}
    )
