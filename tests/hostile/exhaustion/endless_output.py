"""Prints without end on both streams. Must: be ended; head and tail are kept.

Ends: too much output
Stopped by: bounded output
"""

import os

while True:
    os.write(1, b"A" * 65536)
    os.write(2, b"B" * 65536)
