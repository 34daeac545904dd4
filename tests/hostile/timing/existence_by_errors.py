"""Compares how the kernel refuses paths of the host that exist and that do not. Must: see no difference.

Ends: finished
Stopped by: mount namespace
"""

import os

there, missing = os.environ["HOSTS_FILE"], os.environ["HOSTS_FILE"] + "-missing"


def answers(path):
    told = []
    for act in (os.stat, os.listdir, os.readlink, os.open, os.unlink, os.mkdir, os.chdir):
        try:
            told.append(act(path, os.O_RDONLY) if act is os.open else act(path))
        except OSError as error:
            told.append(error.errno)
    return told


for prefix in ("", "/proc/1/root", "/proc/1/cwd", "/work/tree/../.."):
    if answers(prefix + there) != answers(prefix + missing):
        print("GOT a difference behind", prefix or "/")
