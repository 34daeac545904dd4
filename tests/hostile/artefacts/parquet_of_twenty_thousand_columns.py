"""Writes a table of twenty thousand columns. Must: be refused before one is read.

Against: ingest
Ends: failed
Says: transactions.parquet
Stopped by: sizes are looked at before rows
"""

import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
wide = pa.table({f"c{number}": [1] for number in range(20_000)})
pq.write_table(wide, out / "transactions.parquet")
