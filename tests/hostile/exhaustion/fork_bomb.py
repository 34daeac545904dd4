"""Forks without end. Must: stop at the process limit, without a process left behind.

Ends: too many processes
Stopped by: process limit of the control group
"""

import os

while True:
    os.fork()
