"""Opens files, sockets, pipes and watches without end. Must: stop at its own limit.

Ends: finished
Stopped by: hard resource limits
"""

import os
import socket

held = []
for make in (lambda: open("/dev/null"), socket.socket, os.pipe, lambda: os.eventfd(0), lambda: os.dup(0)):
    try:
        while True:
            held.append(make())
    except OSError:
        pass
if len(held) > 1024:
    print("GOT", len(held), "descriptors")
