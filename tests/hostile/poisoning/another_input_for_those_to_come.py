"""Changes, as clean, the artefact of ingest that it is given, so that others find it so. Must: change nothing.

Against: clean
Ends: failed
Says: is missing
Stopped by: read-only mounts, copies of what is kept
"""

import os
import pathlib
import sys

source = pathlib.Path(sys.argv[sys.argv.index("--in") + 1])
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
for path in source.iterdir():
    for act in (
        lambda: open(path, "r+b"),
        lambda: os.truncate(path, 0),
        lambda: os.unlink(path),
        lambda: os.replace(path, out / "moved"),
        lambda: os.link(path, out / "linked"),
        lambda: os.chmod(path, 0o777),
    ):
        try:
            act()
            print("GOT to change", path)
        except OSError:
            pass
