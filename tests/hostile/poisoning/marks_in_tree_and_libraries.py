"""Leaves code where later runs import from: its tree, the libraries, bytecode, start-up files. Must: write nowhere.

Against: ingest
Ends: failed
Says: is missing
Stopped by: read-only mounts, fresh copies for each run
"""

import os
import py_compile
import site
import sys

for folder in ("/work/tree", "/work/tree/pipeline", "/work/in/raw", "/jail", sys.prefix, *site.getsitepackages()):
    for name in ("sitecustomize.py", "later.pth", "__pycache__/x.pyc", "numpy.py"):
        try:
            open(os.path.join(folder, name), "w").close()
            print("GOT", folder, name)
        except OSError:
            pass
try:
    py_compile.compile(__file__, doraise=True)
    print("GOT bytecode beside its source")
except OSError:
    pass
