"""Locks the interpreter, the libraries and its tree for good. Must: hold nothing once it is dead.

Ends: finished
Stopped by: the end of the tree; while it runs, only that we lock nothing that is mounted
"""

import fcntl
import os
import sys

held = []
for path in (sys.executable, os.__file__, __file__, "/jail/runner.py", "/usr/bin/env"):
    try:
        opened = os.open(path, os.O_RDONLY)
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held.append(opened)
    except OSError:
        pass
if os.fork() == 0:
    os.setsid()
    os.read(os.pipe()[0], 1)
