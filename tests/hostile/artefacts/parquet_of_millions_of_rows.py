"""Writes twenty million rows of nothing in a few kB. Must: be refused by what the file says of itself.

Against: ingest
Ends: failed
Says: 20,000,000 rows
Stopped by: sizes are looked at before rows
"""

import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
batch = pa.table({"x": pa.array(bytes(4_000_000), pa.int8())})
with pq.ParquetWriter(out / "transactions.parquet", batch.schema, compression="zstd") as writer:
    for _ in range(5):
        writer.write_table(batch)
