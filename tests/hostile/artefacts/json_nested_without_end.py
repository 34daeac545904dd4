"""Writes a manifest of brackets, deep enough to end a stack. Must: be refused in a sentence.

Against: ingest
Ends: failed
Says: nested too deeply
Stopped by: a strict reader of JSON
"""

import pathlib
import sys

from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(out / "manifest.json").write_text('{"disputes": 1, "files": ' + "[" * 400_000 + "]" * 400_000 + "}")
