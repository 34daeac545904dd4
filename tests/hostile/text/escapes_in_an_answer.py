"""Answers with escape codes, turned reading direction and markup. Must: be shown as harmless text.

Against: the client of services
Ends: not JSON
Stopped by: control characters taken out of every text
"""

import socket

listener = socket.socket(fileno=3)
while True:
    caller, _ = listener.accept()
    asked = caller.recv(65536)
    if asked.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        caller.close()
        continue
    try:
        body = "\x1b]0;owned\x07\x1b[2J\u202e\u2066\u200b<script>alert(1)</script>\0".encode()
        caller.sendall(b"HTTP/1.1 500 Oh\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    except OSError:
        pass
    caller.close()
