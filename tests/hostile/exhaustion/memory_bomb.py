"""Allocates without end. Must: be ended at the memory limit.

Ends: out of memory
"""

held = []
while True:
    held.append(bytearray(1 << 22))
