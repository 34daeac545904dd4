"""Raises its own limits, its priority and its worth to the OOM killer. Must: be refused each.

Ends: finished
Stopped by: hard resource limits, no capabilities
"""

import os
import resource

for name in ("RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CPU", "RLIMIT_CORE"):
    kind = getattr(resource, name)
    soft, hard = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, (hard + 1, hard + 1))
        print("GOT", name)
    except (OSError, ValueError):
        pass
try:
    os.nice(-5)
    print("GOT a better priority")
except OSError:
    pass
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("GOT real time")
except OSError:
    pass
try:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-1000")
    print("GOT immunity from the OOM killer")
except OSError:
    pass
