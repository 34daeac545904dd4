"""Answers 10 MB of zeros in 10 kB. Must: be refused unopened.

Against: the client of services
Ends: compressed its answer
Stopped by: a client that decompresses nothing
"""

import gzip
import socket

bomb = gzip.compress(bytes(10 << 20))
listener = socket.socket(fileno=3)
while True:
    caller, _ = listener.accept()
    asked = caller.recv(65536)
    if asked.startswith(b"HEAD"):
        caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        caller.close()
        continue
    try:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
        caller.sendall(head + bomb)
    except OSError:
        pass
    caller.close()
