"""Opens thousands of connections to the world's sources and leaves them hanging. Must: exhaust itself alone.

Against: ingest
Ends: failed | broken
Stopped by: a bounded number of callers at the sources
"""

import os
import pathlib
import socket
import sys
import time

out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
held = 0
for _ in range(40):
    if os.fork() == 0:
        mine = []
        while True:
            try:
                one = socket.socket(socket.AF_UNIX)
                one.settimeout(0.2)
                one.connect("/jail/sources.sock")
                one.sendall(b"GET /disputes?cursor=0 HTTP/1.1\r\nX: ")
                mine.append(one)
            except OSError:
                break
        time.sleep(4)
        os._exit(0)
time.sleep(5)
(out / "manifest.json").write_text("{}")
