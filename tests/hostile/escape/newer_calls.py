"""Tries calls that few filters know: secret memory, quotas, handles, swap, clocks, new mounts. Must: be refused each.

Ends: finished
Stopped by: system call filter, no capabilities
"""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
column = platform.machine() == "aarch64"

calls = {
    "memfd_secret": ((447, 447), 0),
    "process_madvise": ((440, 440), 0, None, 0, 0, 0),
    "move_mount": ((429, 429), -100, b"/tmp", -100, b"/work", 0),
    "fsmount": ((432, 432), 0, 0, 0),
    "quotactl": ((179, 60), 0, None, 0, None),
    "kcmp": ((312, 272), 1, 1, 0, 0, 0),
    "name_to_handle_at": ((303, 264), -100, b"/", bytes(128), bytes(8), 0),
    "swapon": ((167, 224), b"/tmp/x", 0),
    "reboot": ((169, 142), 0xFEE1DEAD, 672274793, 0x89ABCDEF, None),
    "acct": ((163, 89), None),
    "settimeofday": ((164, 170), bytes(16), None),
    "syslog": ((103, 116), 3, bytes(64), 64),
    "sethostname": ((170, 161), b"x", 1),
    "delete_module": ((176, 106), b"x", 0),
    "io_uring_register": ((427, 427), 0, 0, None, 0),
    "migrate_pages": ((256, 238), 1, 8, None, None),
}
for name, (numbers, *arguments) in calls.items():
    if libc.syscall(numbers[column], *arguments) >= 0:
        print("GOT", name)
