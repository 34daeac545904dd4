"""Leaves marks where a later run might look, and looks for them. Must: find none on its second run.

Ends: finished
Stopped by: fresh file systems for each run
"""

import os

FOLDERS = ("/tmp", "/dev/shm", "/var/tmp", "/work/out", "/dev/mqueue", os.path.expanduser("~"))

for folder in FOLDERS:
    if os.path.exists(f"{folder}/mark"):
        print("GOT a mark of an earlier run in", folder)
for folder in FOLDERS:
    try:
        open(f"{folder}/mark", "w").close()
    except OSError:
        pass
