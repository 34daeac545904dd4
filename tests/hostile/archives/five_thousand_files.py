"""Packs five thousand files of nothing. Must: be refused by their number.

Against: the unpacking of uploads
Ends: too-many-files
Stopped by: members are counted before they are read
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    for number in range(5_000):
        archive.writestr(f"f{number}.py", "")
sys.stdout.buffer.write(made.getvalue())
