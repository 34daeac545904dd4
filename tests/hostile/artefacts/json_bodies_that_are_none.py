"""Answers NaN, 1e999, keys twice, half characters, huge numbers, a thousand brackets. Must: be called no JSON.

Against: the client of services
Ends: sent a body that is not JSON
Stopped by: a strict reader of JSON
"""

import itertools
import socket

BODIES = [b'{"probability": NaN}', b'{"p": 1e999}', b'{"p": 0, "p": 1}', b'["\\ud800"]', b"9" * 5000, b"[" * 9000]
bodies = itertools.cycle(BODIES)
listener = socket.socket(fileno=3)
while True:
    caller, _ = listener.accept()
    asked = caller.recv(65536)
    if asked.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        caller.close()
        continue
    try:
        body = next(bodies)
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    except OSError:
        pass
    caller.close()
