"""Puts files above the folder. Must: be refused by name.

Against: the unpacking of uploads
Ends: outside
Stopped by: paths are checked before they are kept
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("../../../../tmp/milepost-was-here.py", "x")
    archive.writestr("a/../../b.py", "x")
sys.stdout.buffer.write(made.getvalue())
