"""Connects to services of the host and of the world. Must: reach its own loopback alone.

Ends: finished
Stopped by: network namespace
"""

import os
import socket

port, name = int(os.environ["HOSTS_PORT"]), os.environ["HOSTS_NAME"]
for address in (("127.0.0.1", port), ("::1", port), ("169.254.169.254", 80), ("1.1.1.1", 53), ("8.8.8.8", 443)):
    try:
        socket.create_connection(address, 0.5)
        print("GOT", address)
    except OSError:
        pass
for path in (f"\0{name}", "/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket"):
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("GOT", path)
    except OSError:
        pass
try:
    socket.getaddrinfo("example.com", 80)
    print("GOT a name resolved")
except OSError:
    pass
