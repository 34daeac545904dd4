"""Traces, reads, writes and kills whatever process it finds. Must: reach none but its own.

Ends: finished
Stopped by: process namespace, a user of its own, system call filter
"""

import ctypes
import os
import platform
import signal

libc = ctypes.CDLL(None, use_errno=True)
column = platform.machine() == "aarch64"

calls = {
    "ptrace": ((101, 117), 16, 1, 0, 0),
    "process_vm_readv": ((310, 270), 1, None, 0, None, 0, 0),
    "process_vm_writev": ((311, 271), 1, None, 0, None, 0, 0),
    "pidfd_getfd": ((438, 438), 3, 0, 0),
}
for name, (numbers, *arguments) in calls.items():
    if libc.syscall(numbers[column], *arguments) >= 0:
        print("GOT", name)
for pid in range(2, 4_194_304, 997):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
            print("GOT process", pid)
        except OSError:
            pass
os.kill(1, signal.SIGKILL)
try:
    os.kill(-1, 0)
except OSError:
    pass
