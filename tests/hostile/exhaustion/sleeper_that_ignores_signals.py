"""Ignores every signal and sleeps. Must: be ended at the wall limit.

Ends: timed out
Stopped by: wall limit, killed from outside
"""

import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(60)
