"""Turns the knobs in /proc and /sys, types into the terminal of who started it. Must: find every knob stuck.

Ends: finished
Stopped by: read-only mounts, a session of its own, system call filter
"""

import fcntl
import os
import termios

for path in (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/vm/drop_caches",
    "/proc/sys/kernel/hostname",
    "/proc/sysrq-trigger",
    "/proc/1/mem",
    "/proc/self/uid_map",
    "/proc/self/setgroups",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/memory/release_agent",
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/memory/cgroup.procs",
    "/dev/kmsg",
    "/dev/mem",
    "/dev/fuse",
    "/dev/kvm",
    "/dev/vsock",
):
    try:
        with open(path, "wb", 0) as file:
            file.write(b"0")
        print("GOT", path)
    except OSError:
        pass
for opened in (0, 1, 2):
    try:
        fcntl.ioctl(opened, termios.TIOCSTI, b"x")
        print("GOT to type into", opened)
    except OSError:
        pass
try:
    os.open("/dev/tty", os.O_RDWR)
    print("GOT a terminal")
except OSError:
    pass
