"""Sends headers without end. Must: be refused at 16 kB.

Against: the client of services
Ends: headers of more than 16 kB
Stopped by: one deadline and bounds for the whole answer
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
        caller.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            caller.sendall(b"X-More: " + b"y" * 4000 + b"\r\n")
    except OSError:
        pass
    caller.close()
