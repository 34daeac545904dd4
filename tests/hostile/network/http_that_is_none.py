"""Answers as another protocol, with nulls, and with an answer inside the answer. Must: be no answer.

Against: the client of services
Ends: did not speak HTTP | not HTTP | not JSON
Stopped by: a client that speaks HTTP/1.1 and no more
"""

import itertools
import socket

INSIDE = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
answers = itertools.cycle([b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\0\r\n\r\n", INSIDE + INSIDE])
listener = socket.socket(fileno=3)
while True:
    caller, _ = listener.accept()
    asked = caller.recv(65536)
    if asked.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        caller.close()
        continue
    try:
        caller.sendall(next(answers))
    except OSError:
        pass
    caller.close()
