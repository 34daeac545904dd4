"""Packs 300 MB of zeros into 300 kB. Must: be cut off at the limit, whatever size it declares.

Against: the unpacking of uploads
Ends: too-large
Stopped by: one byte more than is allowed is read, and no further
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("zeros.csv", bytes(300 << 20))
sys.stdout.buffer.write(made.getvalue())
