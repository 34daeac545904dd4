"""Becomes root by set-user-id programs and calls, and uses it. Must: stay nobody without a capability.

Ends: finished
Stopped by: no new privileges, no capabilities, noexec
"""

import os
import stat
import subprocess

for act in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.setresuid(0, 0, 0)):
    try:
        act()
        print("GOT a change of user")
    except OSError:
        pass
for program in ("su", "sudo", "newuidmap", "mount", "passwd", "pkexec", "fusermount"):
    try:
        done = subprocess.run([program, "--help"], capture_output=True, timeout=5)
    except OSError:
        continue
    if b"uid=0" in done.stdout:
        print("GOT root by", program)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
if status["CapEff"].strip().strip("0") or status["CapBnd"].strip().strip("0"):
    print("GOT capabilities", status["CapEff"], status["CapBnd"])
with open("/tmp/own", "w") as file:
    file.write("#!/bin/sh\n")
os.chmod("/tmp/own", stat.S_ISUID | 0o755)
try:
    subprocess.run(["/tmp/own"])
    print("GOT to run a program from /tmp")
except OSError:
    pass
