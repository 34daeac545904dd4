"""Answers a byte every tenth of a second, never silent and never done. Must: be left at the deadline.

Against: the client of services
Ends: did not answer within
Stopped by: one deadline and bounds for the whole answer
"""

import socket
import time

listener = socket.socket(fileno=3)
while True:
    caller, _ = listener.accept()
    asked = caller.recv(65536)
    if asked.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        caller.close()
        continue
    try:
        for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999:
            caller.sendall(bytes([letter]))
            time.sleep(0.1)
    except OSError:
        pass
    caller.close()
