"""Asks the server of the world's sources for other hosts, other files and other methods. Must: get disputes or no.

Against: ingest
Ends: failed
Says: is missing
Stopped by: a server that knows lists by name and no paths
"""

import json
import socket

ASKED = (
    "GET /../truth/meta.json",
    "GET /%2e%2e/%2e%2e/etc/passwd",
    "GET //etc/passwd",
    "GET http://169.254.169.254/latest/",
    "GET file:///etc/passwd",
    "CONNECT 127.0.0.1:22",
    "POST /disputes",
    "PUT /disputes",
    "GET /disputes/../meta",
    "GET /disputes\0.json",
    "GET /" + "a" * 60_000,
    "GET /disputes?cursor=-1",
    "GET /disputes?cursor=9e9",
    "TRACE /",
)
for asked in ASKED:
    one = socket.create_connection(("127.0.0.1", 8100), 2)
    try:
        one.sendall(f"{asked} HTTP/1.0\r\nHost: 127.0.0.1:5432\r\n\r\n".encode())
        answer = b""
        while data := one.recv(65536):
            answer += data
    except OSError:
        continue
    if b" 200 " in answer.split(b"\r\n")[0]:
        body = json.loads(answer.partition(b"\r\n\r\n")[2] or b"{}")
        print("GOT", asked[:60], str(body)[:80])
