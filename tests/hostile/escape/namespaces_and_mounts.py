"""Asks the kernel for new namespaces, mounts and roots. Must: be refused each.

Ends: finished
Stopped by: system call filter, no nested user namespaces
"""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
column = platform.machine() == "aarch64"

calls = {
    "unshare(user)": ((272, 97), 0x10000000),
    "unshare(mount)": ((272, 97), 0x20000),
    "clone(user)": ((56, 220), 0x10000000 | 17),
    "setns": ((308, 268), 0, 0),
    "mount": ((165, 40), b"none", b"/tmp", b"tmpfs", 0, None),
    "pivot_root": ((155, 41), b"/tmp", b"/tmp"),
    "chroot": ((161, 51), b"/tmp"),
    "fsopen": ((430, 430), b"tmpfs", 0),
    "open_tree": ((428, 428), -100, b"/", 1),
    "mount_setattr": ((442, 442), -100, b"/", 0, None, 0),
}
for name, (numbers, *arguments) in calls.items():
    if libc.syscall(numbers[column], *arguments) >= 0:
        print("GOT", name)
