"""Writes answers into the store as the worker would, by every path that leads there. Must: find no store.

Ends: finished
Stopped by: mount namespace, read-only root
"""

import hashlib
import os

store = os.path.dirname(os.environ["HOSTS_FILE"]) + "/store"
key = hashlib.sha256(b"anything").hexdigest()
for root in (store, f"/proc/1/root{store}", f"/work/out/../../..{store}", "/store", "/var/store", "/work/store"):
    for room in ("memo", "blobs", "trees", "scratch"):
        try:
            os.mkdir(f"{root}/{room}/{key[:2]}")
            print("GOT", root, room)
        except OSError:
            pass
