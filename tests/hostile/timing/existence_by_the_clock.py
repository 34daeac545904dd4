"""Times how long the kernel looks for paths that exist on the host and that do not. Must: see no difference.

Ends: finished
Stopped by: mount namespace
"""

import os
import time


def took(path):
    times = []
    for _ in range(2_000):
        start = time.perf_counter_ns()
        try:
            os.stat(path)
        except OSError:
            pass
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[200]


there, missing = os.environ["HOSTS_FILE"], os.environ["HOSTS_FILE"][:-1] + "X"
if min(took(there) for _ in range(3)) > 3 * min(took(missing) for _ in range(3)):
    print("GOT a difference")
