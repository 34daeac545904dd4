"""Looks for open files that it was not meant to have, and for what lies behind its streams. Must: hold three streams.

Ends: finished
Stopped by: all descriptors are closed at launch
"""

import os
import stat

for number in range(3, 1024):
    try:
        found = os.fstat(number)
    except OSError:
        continue
    link = os.readlink(f"/proc/self/fd/{number}")
    if not link.startswith("/work/tree/"):
        print("GOT descriptor", number, link, oct(found.st_mode))
for number in (0, 1, 2):
    if stat.S_ISREG(os.fstat(number).st_mode) or stat.S_ISSOCK(os.fstat(number).st_mode):
        print("GOT a stream that is more than a pipe:", number)
    try:
        os.pread(number, 1, 0)
        print("GOT to seek in", number) if number else None
    except OSError:
        pass
