"""Names files with escapes, nulls, line ends and turned reading direction. Must: be refused, and shown harmlessly.

Against: the unpacking of uploads
Ends: bad-name
Stopped by: names are printable or refused
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    for name in ("\x1b[2J.py", "new\nline.py", "\u202eyp.exe", "\u200b.py", "-rf"):
        archive.writestr(name, "x")
sys.stdout.buffer.write(made.getvalue())
