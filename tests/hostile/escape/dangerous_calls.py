"""Tries the calls through which kernels were broken: bpf, io_uring, userfaultfd, keyrings, perf. Must: be refused.

Ends: finished
Stopped by: system call filter
"""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
column = platform.machine() == "aarch64"

calls = {
    "bpf": ((321, 280), 0, None, 0),
    "io_uring_setup": ((425, 425), 1, bytes(120)),
    "userfaultfd": ((323, 282), 0),
    "perf_event_open": ((298, 241), bytes(128), 0, -1, -1, 0),
    "keyctl": ((250, 219), 0, -3, 1),
    "add_key": ((248, 217), b"user", b"hidden", b"x", 1, -3),
    "open_by_handle_at": ((304, 265), -100, bytes(64), 0),
    "personality": ((135, 92), 0x0040000),
    "kexec_load": ((246, 104), 0, 0, None, 0),
    "init_module": ((175, 105), b"x", 1, b""),
    "fanotify_init": ((300, 262), 0, 0),
    "clone3": ((435, 435), bytes(88), 88),
    "a future call": ((999, 999),),
}
for name, (numbers, *arguments) in calls.items():
    if libc.syscall(numbers[column], *arguments) >= 0:
        print("GOT", name)
