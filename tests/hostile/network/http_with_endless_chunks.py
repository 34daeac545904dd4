"""Sends chunks of one byte each with long extensions. Must: be refused, or left at the deadline.

Against: the client of services
Ends: did not answer within | body of more than 1 MB
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
        caller.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            caller.sendall(b"1;" + b"e" * 900 + b"\r\nx\r\n")
    except OSError:
        pass
    caller.close()
