"""Offers a hard link, a socket, a FIFO and a device as artefacts. Must: be named; nothing is opened.

Ends: finished
Stopped by: collection of plain files only, system call filter
"""

import os
import socket

os.chdir("/work/out")
with open("rows.csv", "w") as file:
    file.write("x")
os.link("rows.csv", "twin.csv")
socket.socket(socket.AF_UNIX).bind("model.json")
for make in (lambda: os.mkfifo("fifo"), lambda: os.mknod("device", 0o600 | 0x2000, os.makedev(1, 5))):
    try:
        make()
    except OSError:
        pass
