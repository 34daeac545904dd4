"""Announces more than it sends, less than nothing, and a petabyte. Must: be believed in nothing.

Against: the client of services
Ends: in the middle of its answer | not a number | more than 1 MB | not HTTP
Stopped by: bounds for the whole answer
"""

import itertools
import socket

lies = itertools.cycle([b"500", b"-5", b"1" * 12, b"2\r\nContent-Length: 1"])
listener = socket.socket(fileno=3)
while True:
    caller, _ = listener.accept()
    asked = caller.recv(65536)
    if asked.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        caller.close()
        continue
    try:
        lie = next(lies)
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: " + lie + b"\r\n\r\n{}")
    except OSError:
        pass
    caller.close()
