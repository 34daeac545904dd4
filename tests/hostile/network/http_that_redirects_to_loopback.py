"""Redirects to services of the host and of clouds. Must: be followed nowhere.

Against: the client of services
Ends: redirected (307)
Stopped by: a client that follows nothing
"""

import os
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
        target = f"http://127.0.0.1:{os.environ['HOSTS_PORT']}/".encode()
        caller.sendall(b"HTTP/1.1 307 Go\r\nLocation: " + target + b"\r\nContent-Length: 0\r\n\r\n")
    except OSError:
        pass
    caller.close()
