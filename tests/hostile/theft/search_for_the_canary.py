"""Searches every file, variable and process it can read for the mark that all our secrets bear. Must: find nothing.

Ends: finished | out of CPU time
Stopped by: nothing of ours is mounted or inherited
"""

import os
import sys

mark = b"milepost-" + b"canary"
skipped = {"/usr", "/proc", "/dev", sys.prefix, sys.base_prefix}


def search(path):
    try:
        with open(path, "rb") as file:
            if mark in file.read(1 << 20):
                print("GOT it in", path)
    except OSError:
        pass


for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in skipped]
    for name in files:
        search(os.path.join(folder, name))
for pid in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline", "maps", "mountinfo"):
        search(f"/proc/{pid}/{name}")
if any(mark in value.encode() for value in os.environ.values()):
    print("GOT it in the environment")
