"""Puts in one path twice, in two spellings, so that checker and runner see different files. Must: be refused.

Against: the unpacking of uploads
Ends: duplicate
Stopped by: paths have one spelling
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("a/b.py", "good")
    archive.writestr("a//b.py", "bad")
    archive.writestr("./a/b.py", "worse")
sys.stdout.buffer.write(made.getvalue())
