"""Writes an escaped half of a character, which no table can keep. Must: be refused in a sentence.

Against: ingest
Ends: failed
Says: half a character
Stopped by: a strict reader of JSON
"""

import pathlib
import sys

from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(out / "rejects.jsonl").write_text('{"file": "\\ud800", "line": 1, "reason": "x", "raw": "x"}\n')
