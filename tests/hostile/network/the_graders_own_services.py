"""Connects to databases, brokers and sockets as graders run them (Judge0, CVE-2024-29021). Must: reach none.

Ends: finished
Stopped by: network namespace, mount namespace
"""

import os
import socket

ports = (22, 80, 443, 2375, 3306, 5432, 5672, 6379, 8000, 8080, 9000, 11211, 15672, int(os.environ["HOSTS_PORT"]))
for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "172.17.0.1", "10.0.2.2", "host.docker.internal"):
    for port in ports:
        try:
            socket.create_connection((host, port), 0.02)
            print("GOT", host, port)
        except OSError:
            pass
for path in (
    os.environ["HOSTS_SOCKET"],
    "/run/postgresql/.s.PGSQL.5432",
    "/var/run/redis/redis.sock",
    "/run/systemd/notify",
):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for reach in (path, f"/proc/1/root{path}", f"/work/tree/../../..{path}"):
            try:
                socket.socket(socket.AF_UNIX, kind).connect(reach)
                print("GOT", reach)
            except OSError:
                pass
