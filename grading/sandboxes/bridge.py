"""Carries bytes between a loopback port of the jail and a Unix socket; refuses to look at what it carries.

`bridge.py out PORT SOCKET READY` listens on 127.0.0.1:PORT, closes the descriptor READY when the port is open, and
connects each caller to SOCKET. `bridge.py in LISTENER PORT` brings each caller of the socket that listens at the
descriptor LISTENER to 127.0.0.1:PORT, and waits a while for somebody to listen there.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable

BLOCK = 65536
START_S = 30.0
LOOK_AGAIN_S = 0.02


def main() -> None:
    way, *words = sys.argv[1:]
    if way == "out":
        bring(open_port(int(words[0]), int(words[2])), lambda: reach_path(words[1]))
    else:
        bring(socket.socket(fileno=int(words[0])), lambda: reach_port(int(words[1])))


def open_port(port: int, ready: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    os.close(ready)
    return listener


def bring(listener: socket.socket, reach: Callable[[], socket.socket]) -> None:
    while True:
        caller, _ = listener.accept()
        threading.Thread(target=connect, args=(caller, reach), daemon=True).start()


def reach_path(path: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    return server


def reach_port(port: int) -> socket.socket:
    """Whoever listens there; a server that is still starting up is waited for."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN_S)


def connect(caller: socket.socket, reach: Callable[[], socket.socket]) -> None:
    try:
        server = reach()
    except OSError:
        caller.close()
        return
    for end in (caller, server):
        if end.family == socket.AF_INET:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answers = threading.Thread(target=carry, args=(server, caller), daemon=True)
    answers.start()
    carry(caller, server)
    answers.join()
    caller.close()
    server.close()


def carry(source: socket.socket, target: socket.socket) -> None:
    """Until the source ends; then the target learns that no more will come."""
    try:
        while data := source.recv(BLOCK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


if __name__ == "__main__":
    main()
