"""Closes before, within and after its first line. Must: be told as such.

Against: the client of services
Ends: in the middle of its answer | closed the connection
Stopped by: every end of a connection is a sentence
"""

import itertools
import socket

starts = itertools.cycle([b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n"])
listener = socket.socket(fileno=3)
while True:
    caller, _ = listener.accept()
    asked = caller.recv(65536)
    if asked.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        caller.close()
        continue
    try:
        caller.sendall(next(starts))
    except OSError:
        pass
    caller.close()
