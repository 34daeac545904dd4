"""Fills memory that no heap counts: memfd, shared memory, /tmp. Must: be counted, or refused where nobody counts.

Ends: out of memory | disk full | finished
Stopped by: memory limit of the control group, system call filter
"""

import os

try:
    opened = os.memfd_create("hoard")
    for _ in range(512):
        os.write(opened, bytes(1 << 20))
    print("GOT 512 MB of memfd")
except OSError as error:
    raise SystemExit(f"refused: {error}") from None
