"""Puts in a link to a secret, and a device. Must: be refused by name.

Against: the unpacking of uploads
Ends: special-file
Stopped by: members that are not plain files are refused
"""

import io
import sys
import zipfile

made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    archive.writestr("main.py", "print(1)")
    for mode, name in ((0o120777, "link.py"), (0o020666, "device.py"), (0o010666, "pipe.py")):
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, "/etc/passwd")
sys.stdout.buffer.write(made.getvalue())
