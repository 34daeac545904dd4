"""Reads the memory and descriptors of process 1 for what the host told it. Must: find no secret and no open file.

Ends: finished
Stopped by: process namespace, a user of its own
"""

import os

mark = b"milepost-" + b"canary"
for number in range(200):
    try:
        link = os.readlink(f"/proc/1/fd/{number}")
    except OSError:
        continue
    if not link.startswith(("pipe:", "/dev/null", "anon_inode:", "socket:")):
        print("GOT descriptor", number, link)
try:
    with open("/proc/1/maps") as maps, open("/proc/1/mem", "rb", 0) as memory:
        for line in maps:
            start, end = (int(edge, 16) for edge in line.split()[0].split("-"))
            try:
                memory.seek(start)
                if mark in memory.read(end - start):
                    print("GOT it in memory")
            except (OSError, OverflowError, ValueError):
                pass
except OSError:
    pass
