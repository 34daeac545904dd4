"""Forks without end. Must: stop at the process limit, without a process left behind.

Ends: too many processes
"""

import os

while True:
    os.fork()
