"""Upgrades the connection and speaks in frames. Must: be no answer.

Against: the client of services
Ends: did not answer within | did not speak HTTP
Stopped by: a client that speaks HTTP/1.1 and no more
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
        caller.sendall(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        for _ in range(100):
            caller.sendall(b"\x81\x05hello")
            time.sleep(0.05)
    except OSError:
        pass
    caller.close()
