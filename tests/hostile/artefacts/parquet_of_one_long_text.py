"""Writes one long text and says that it stands in every row: 300 bytes that unpack to 18 GB. Must: be refused.

Against: ingest
Ends: failed
Says: far more than its size says
Stopped by: bounded memory in the examiner's readers
"""

import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
column = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000, pa.int32()), pa.array(["x" * 300_000]))
sales = pq.read_table(out / "fx.parquet").slice(0, 1)
many = pa.table({name: pa.concat_arrays([sales[name].combine_chunks()] * 60_000) for name in sales.column_names})
many = many.set_column(many.column_names.index("currency"), "currency", column)
pq.write_table(many, out / "fx.parquet", compression="zstd", store_schema=False)
