"""Packs 300 MB by LZMA and bzip2, whose readers want memory of their own. Must: be refused unread.

Against: the unpacking of uploads
Ends: packing
Stopped by: only methods that unpack in bounds are taken
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("a.csv", bytes(150 << 20), zipfile.ZIP_BZIP2)
    archive.writestr("b.csv", bytes(150 << 20), zipfile.ZIP_LZMA)
sys.stdout.buffer.write(made.getvalue())
