"""Writes each row into a group of its own, sixty thousand of them. Must: be read or refused in time.

Against: ingest
Ends: failed
Stopped by: bounded file size, processor time of the examiner
"""

import pathlib
import sys

import pyarrow.parquet as pq
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
rows = pq.read_table(out / "fx.parquet")
with pq.ParquetWriter(out / "fx.parquet", rows.schema) as writer:
    one = rows.slice(0, 1)
    for _ in range(6_000):
        writer.write_table(one)
