"""Writes rejects of a million lines with nothing in them. Must: be counted and refused.

Against: ingest
Ends: failed
Says: at most 50,000 are read
Stopped by: lines are counted before they are read
"""

import pathlib
import sys

from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(out / "rejects.jsonl").write_bytes(b"1\n" * 4_000_000)
