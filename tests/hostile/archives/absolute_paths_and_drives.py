"""Puts files at absolute paths, on drives and behind backslashes. Must: be refused by name.

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
    archive.writestr("C:\\\\windows\\\\x.py", "x")
    archive.writestr("\\\\etc\\\\x.py", "x")
    archive.writestr("/etc/milepost.py", "x")
sys.stdout.buffer.write(made.getvalue())
