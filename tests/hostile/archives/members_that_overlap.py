"""Lets a thousand names share one packed megabyte (a bomb without recursion). Must: be cut off at their sum.

Against: the unpacking of uploads
Ends: too-large | not-a-zip
Stopped by: the standard library's check of overlaps, and bytes summed while they are read
"""

import copy
import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("zeros.csv", bytes(1 << 20), zipfile.ZIP_DEFLATED)
    for _ in range(980):
        archive.filelist.append(copy.copy(archive.getinfo("zeros.csv")))
packed, number = made.getvalue(), 0
while b"PK\x01\x02" in packed and number < 981:
    number += 1
    packed = packed.replace(b"zeros.csv", b"z%04d.csv" % number, 1) if number > 2 else packed
sys.stdout.buffer.write(packed)
