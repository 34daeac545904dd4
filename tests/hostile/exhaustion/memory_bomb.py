"""Allocates without end. Must: be ended at the memory limit.

Ends: out of memory
Stopped by: memory limit of the control group
"""

held = []
while True:
    held.append(bytearray(1 << 22))
