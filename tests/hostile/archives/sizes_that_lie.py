"""Declares a size of ten bytes for 300 MB. Must: be refused, or cut at what it declares.

Against: the unpacking of uploads
Ends: not-a-zip | too-large
Stopped by: one byte more than is allowed is read, and no further
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("zeros.csv", bytes(300 << 20))
    archive.getinfo("zeros.csv").file_size = 10
sys.stdout.buffer.write(made.getvalue())
