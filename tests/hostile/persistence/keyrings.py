"""Leaves a key in the keyrings of thread, session and user, and looks for earlier ones. Must: be refused.

Ends: finished
Stopped by: system call filter
"""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
add, request, control = (217, 218, 219) if platform.machine() == "aarch64" else (248, 249, 250)
for ring in (-1, -2, -3, -4, -5):
    if libc.syscall(add, b"user", b"milepost-mark", b"x", 1, ring) >= 0:
        print("GOT a key into ring", ring)
    if libc.syscall(control, 0, ring, 1) >= 0:
        print("GOT ring", ring)
if libc.syscall(request, b"user", b"milepost-mark", None, 0) >= 0:
    print("GOT a key of an earlier run")
try:
    if "milepost-mark" in open("/proc/keys").read():
        print("GOT to see keys")
except OSError:
    pass
