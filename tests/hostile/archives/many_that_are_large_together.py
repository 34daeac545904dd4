"""Packs a thousand files of 1 MB, each below any limit. Must: be cut off at their sum.

Against: the unpacking of uploads
Ends: too-large
Stopped by: bytes are summed while they are read
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("main.py", "print(1)")
    for number in range(990):
        archive.writestr(f"f{number}.csv", bytes(1 << 20))
sys.stdout.buffer.write(made.getvalue())
