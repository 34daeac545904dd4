"""Watches processes, groups, devices and users for what else this host judges. Must: see itself alone.

Ends: finished
Stopped by: process, network and cgroup namespaces, nothing of /sys
"""

import os

for name in os.listdir("/proc"):
    if name.isdigit() and int(name) > 1:
        command = open(f"/proc/{name}/cmdline").read()
        if "what_others_are_doing" not in command:
            print("GOT process", name, command)
for folder in ("/sys/fs/cgroup", "/sys/kernel", "/sys/class", "/run", "/var/log", "/var/spool"):
    if os.path.exists(folder) and os.listdir(folder):
        print("GOT to see", folder)
if any(len(word) > 1 for line in open("/proc/self/cgroup") for word in line.rstrip().split(":")[2:]):
    print("GOT the name of its group")
if len(open("/proc/net/dev").readlines()) > 3:
    print("GOT devices")
