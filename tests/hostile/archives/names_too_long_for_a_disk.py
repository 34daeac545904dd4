"""Names a file with more bytes than file systems take, in few characters. Must: be refused, and not fail later.

Against: the unpacking of uploads
Ends: too-deep
Stopped by: names are measured in bytes
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("\u00e9" * 190 + ".py", "x")
sys.stdout.buffer.write(made.getvalue())
