"""A paged, flaky HTTP API over a folder of JSON lists, as partners offer them. Standard library only; starts at once.

    python -m worlds.api --folder raw/api --port 8100            on a laptop; Ctrl-C stops it
    python -m worlds.api --folder raw/api --socket api.socket    in the jail; the end of stdin or SIGTERM stops it

GET /<name>?cursor=0 answers {items, next_cursor, total_estimate}. Pages overlap, the total is only an estimate, the
first request for one page is answered 429 with Retry-After, that for another 503.
"""

import argparse
import json
import os
import signal
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 200
OVERLAP = 3
OVERESTIMATE = 17
RETRY_AFTER_S = 1
MOST_CALLERS = 64


class Catalogue:
    """The lists of one folder, cut into pages, and the faults still to come for each."""

    def __init__(self, folder: Path) -> None:
        self._lists: dict[str, list[Any]] = {
            path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))
        }
        self._faults = {name: _faults(len(items)) for name, items in self._lists.items()}
        self._lock = threading.Lock()

    def answer(self, name: str, cursor: str) -> tuple[int, dict[str, Any]]:
        """The status and body for one request."""
        if name not in self._lists:
            return 404, {"error": f"there is no /{name}; there is {', '.join('/' + known for known in self._lists)}"}
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
            return 400, {"error": "cursor must be the next_cursor of the page before, or 0"}
        if fault := self._next_fault(name, int(cursor)):
            return fault, {"error": "slow down" if fault == 429 else "upstream is restarting, try again"}
        return 200, _page(self._lists[name], int(cursor))

    def _next_fault(self, name: str, cursor: int) -> int:
        with self._lock:
            waiting = self._faults[name].get(cursor)
            return waiting.pop(0) if waiting else 0


def _faults(items: int) -> dict[int, list[int]]:
    starts = list(range(0, max(items - OVERLAP, 1), PAGE - OVERLAP))
    faults: dict[int, list[int]] = {}
    for page, status in ((1, 429), (2, 503)):
        faults.setdefault(starts[page % len(starts)], []).append(status)
    return faults


def _page(items: list[Any], start: int) -> dict[str, Any]:
    end = start + PAGE
    following = None if end >= len(items) else str(end - OVERLAP)
    return {"items": items[start:end], "next_cursor": following, "total_estimate": len(items) + OVERESTIMATE}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    catalogue: Catalogue

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        cursor = parse_qs(address.query).get("cursor", ["0"])[0]
        status, body = self.catalogue.answer(address.path.strip("/"), cursor)
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if status == 429:
            self.send_header("Retry-After", str(RETRY_AFTER_S))
        self.end_headers()
        self.wfile.write(payload)

    def address_string(self) -> str:
        return "caller"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what a caller asks for is not ours to print."""


class Bounded(socketserver.ThreadingMixIn):
    """A thread for each caller, and a number of them that strangers' code cannot raise: more are turned away."""

    daemon_threads = True

    def __init__(self, *given: Any, **named: Any) -> None:
        self._room = threading.BoundedSemaphore(MOST_CALLERS)
        super().__init__(*given, **named)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self._room.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()


class TcpServer(Bounded, socketserver.TCPServer):
    allow_reuse_address = True


class SocketServer(Bounded, socketserver.UnixStreamServer):
    pass


def make_server(folder: Path, socket: Path | None, port: int) -> TcpServer | SocketServer:
    """A server for the lists in `folder`, bound but not yet serving: on `socket`, or else on a local port."""
    handler = type("FolderHandler", (Handler,), {"catalogue": Catalogue(folder)})
    if socket is not None:
        return SocketServer(str(socket), handler)
    return TcpServer(("127.0.0.1", port), handler)


def _stop_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    signal.raise_signal(signal.SIGTERM)


def _stop(signum: int, frame: object) -> None:
    raise SystemExit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m worlds.api", description="Serve a folder of JSON lists as an API.")
    parser.add_argument("--folder", type=Path, required=True, help="folder with <name>.json, each a list")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--socket", type=Path, help="listen on this Unix socket; stop at the end of stdin")
    where.add_argument("--port", type=int, help="listen on this port of 127.0.0.1")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"--folder: {options.folder} is not a folder")
    signal.signal(signal.SIGTERM, _stop)
    with make_server(options.folder, options.socket, options.port or 0) as server:
        try:
            print(
                f"serving {options.folder} on {server.server_address!r}", flush=True
            )  # the caller waits for this line
            if options.socket:
                threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
            server.serve_forever(poll_interval=0.1)
        except (KeyboardInterrupt, SystemExit):
            if options.socket:
                options.socket.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
