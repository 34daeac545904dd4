"""Puts a file below a file. Must: be refused by name.

Against: the unpacking of uploads
Ends: duplicate
Stopped by: paths are checked against each other
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("a.py", "x")
    archive.writestr("a.py/b.py", "x")
sys.stdout.buffer.write(made.getvalue())
