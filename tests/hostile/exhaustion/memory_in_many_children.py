"""Spreads its memory over children, each below any limit of one process. Must: be counted as a whole.

Ends: out of memory
Stopped by: memory limit of the control group
"""

import os
import time

for _ in range(16):
    if os.fork() == 0:
        held = bytearray(48 << 20)
        for page in range(0, len(held), 4096):
            held[page] = 1
        time.sleep(60)
time.sleep(60)
