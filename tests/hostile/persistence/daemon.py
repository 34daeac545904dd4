"""Leaves a daemon behind that holds its streams open. Must: die with the run, without holding us up.

Ends: finished
Stopped by: process namespace
"""

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(300)
    os._exit(0)
time.sleep(0.1)
