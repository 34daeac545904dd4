"""Writes numbers of thousands of digits where line numbers belong. Must: be refused or found wrong.

Against: ingest
Ends: failed
Stopped by: a strict reader of JSON, plain values
"""

import pathlib
import sys

from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(out / "rejects.jsonl").write_text('{"file": "x", "line": ' + "9" * 4000 + ', "reason": "x", "raw": "x"}\n')
