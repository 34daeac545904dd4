"""Fills the output with folders 100 deep and names made to be misread. Must: be named harmlessly; nothing is taken.

Ends: finished
Stopped by: collection by plain names
"""

import os

os.chdir("/work/out")
for name in ("-rf", "..x", "new\nline", "\x1b[2J", "a b", "<img src=x onerror=alert(1)>", "x" * 200, "\u202efdp.csv"):
    open(name, "w").close()
open(b"\xff\xfe", "w").close()
for _ in range(100):
    os.mkdir("d")
    os.chdir("d")
