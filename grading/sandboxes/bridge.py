"""Carries bytes between a loopback port of the jail and a Unix socket; refuses to look at what it carries.

`bridge.py PORT SOCKET READY` listens on 127.0.0.1:PORT, closes the descriptor READY when the port is open, and
connects each caller to SOCKET.
"""

import os
import socket
import sys
import threading

BLOCK = 65536


def main() -> None:
    port, path, ready = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    os.close(ready)
    while True:
        caller, _ = listener.accept()
        threading.Thread(target=connect, args=(caller, path), daemon=True).start()


def connect(caller: socket.socket, path: str) -> None:
    server = socket.socket(socket.AF_UNIX)
    try:
        server.connect(path)
    except OSError:
        caller.close()
        return
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
