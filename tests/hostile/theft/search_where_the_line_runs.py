"""Searches, where ingest really runs, all that it can read for the mark of our secrets. Must: find nothing.

Against: ingest
Ends: failed
Says: is missing
Stopped by: truth, checks and reference are not mounted
"""

import os
import sys

mark = b"milepost-" + b"canary"
skipped = {"/usr", "/proc", "/dev", sys.prefix, sys.base_prefix}
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in skipped]
    for name in files:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                if mark in file.read():
                    print("GOT it in", folder, name)
        except OSError:
            pass
for name in os.listdir("/proc"):
    for what in ("environ", "cmdline", "mountinfo", "maps"):
        try:
            if mark in open(f"/proc/{name}/{what}", "rb").read():
                print("GOT it in", name, what)
        except OSError:
            pass
for name in ("truth", "package", "ours", "reference", "checks"):
    for place in ("/", "/work", "/work/in", "/work/in/raw"):
        if os.path.exists(os.path.join(place, name)):
            print("GOT", place, name)
print("searched")
