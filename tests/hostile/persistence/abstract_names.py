"""Binds abstract sockets as marks, and looks for those of the host and of others. Must: see its own alone.

Ends: finished
Stopped by: network namespace
"""

import os
import socket

name = os.environ["HOSTS_NAME"]
if name in open("/proc/net/unix").read():
    print("GOT to see a socket of the host")
for mark in ("milepost-mark", name):
    one = socket.socket(socket.AF_UNIX)
    one.bind(f"\0{mark}")
    one.listen()
for line in open("/proc/net/unix").readlines()[1:]:
    path = line.split()[7] if len(line.split()) > 7 else ""
    if path and path not in ("@milepost-mark", f"@{name}"):
        print("GOT to see", path)
