"""Sends a body without end and without a length. Must: be refused at 1 MB.

Against: the client of services
Ends: body of more than 1 MB
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
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            caller.sendall(b"z" * 65536)
    except OSError:
        pass
    caller.close()
