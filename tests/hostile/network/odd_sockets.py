"""Opens sockets that a network namespace does not hold back: vsock, raw, packet, Bluetooth, crypto. Must: be refused.

Ends: finished
Stopped by: system call filter
"""

import socket

for family in (17, 31, 38, 40, 44, 45, 9, 10, 2):
    for kind in (1, 2, 3, 5):
        if family in (2, 10) and kind != 3:
            continue
        try:
            socket.socket(family, kind)
            print("GOT family", family, "kind", kind)
        except (OSError, ValueError):
            pass
for protocol in (9, 15, 16):
    try:
        socket.socket(16, 3, protocol)
        print("GOT netlink", protocol)
    except OSError:
        pass
