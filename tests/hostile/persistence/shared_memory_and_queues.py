"""Leaves marks in shared memory, semaphores and queues, and looks for earlier ones. Must: find none on its second run.

Ends: finished
Stopped by: IPC namespace, fresh file systems for each run
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
KEY, CREATE = 0x4D494C45, 0o1600
for get in (lambda f: libc.shmget(KEY, 4096, f), lambda f: libc.semget(KEY, 1, f), lambda f: libc.msgget(KEY, f)):
    if get(0) >= 0:
        print("GOT a mark of an earlier run in", get)
    get(CREATE)
for path in ("/dev/shm/mark", "/dev/mqueue/mark"):
    if os.path.exists(path):
        print("GOT", path)
    try:
        open(path, "w").close()
    except OSError:
        pass
for table in ("shm", "sem", "msg"):
    try:
        if len(open(f"/proc/sysvipc/{table}").readlines()) > 2:
            print("GOT to see others in", table)
    except OSError:
        pass
