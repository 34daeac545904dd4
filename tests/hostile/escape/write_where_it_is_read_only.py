"""Changes the interpreter, its libraries, its own tree and the inputs. Must: change nothing.

Ends: finished
Stopped by: read-only mounts
"""

import os
import sys

places = [
    sys.prefix,
    sys.base_prefix,
    os.path.dirname(os.__file__),
    "/usr/bin",
    "/etc",
    "/",
    "/work",
    "/work/tree",
    "/jail",
    "/dev",
    "/proc/sys/kernel",
    "/sys",
]
for place in places:
    for act in (
        lambda: open(f"{place}/changed", "w"),
        lambda: os.mkdir(f"{place}/folder"),
        lambda: os.rename(place, "/tmp/moved"),
        lambda: os.chmod(place, 0o777),
        lambda: os.utime(place),
    ):
        try:
            act()
            print("GOT to change", place)
        except OSError:
            pass
for file in (os.__file__, sys.executable, __file__, "/jail/runner.py", "/etc/passwd", "/proc/sysrq-trigger"):
    try:
        open(file, "r+b")
        print("GOT to open", file)
    except OSError:
        pass
