"""Sends what it knows by UDP, ICMP and names looked up. Must: get no packet out.

Ends: finished
Stopped by: network namespace without a device
"""

import os
import socket

for family, address in (
    (socket.AF_INET, ("8.8.8.8", 53)),
    (socket.AF_INET, ("255.255.255.255", 9)),
    (socket.AF_INET, ("224.0.0.251", 5353)),
    (socket.AF_INET6, ("2001:4860:4860::8888", 53)),
    (socket.AF_INET6, ("ff02::1", 9)),
):
    try:
        one = socket.socket(family, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        one.sendto(b"what I know", address)
        print("GOT a packet out to", address)
    except OSError:
        pass
for name in ("what-i-know.example.com", "metadata.google.internal"):
    try:
        socket.getaddrinfo(name, 80)
        print("GOT a name", name)
    except OSError:
        pass
if sorted(os.listdir("/sys/class/net") if os.path.exists("/sys/class/net") else ["lo"]) != ["lo"]:
    print("GOT a device")
