"""Writes texts that share their beginning, which Parquet keeps once: 1.4 GB in a few bytes. Must: be refused.

Against: ingest
Ends: failed
Stopped by: bounded memory in the examiner's readers
"""

import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
rows = pq.read_table(out / "fx.parquet").slice(0, 1)
schema = pa.schema(
    [
        pa.field(name, pa.large_string() if name == "currency" else rows.schema.field(name).type)
        for name in rows.column_names
    ]
)
options = {"compression": "zstd", "use_dictionary": False, "column_encoding": {"currency": "DELTA_BYTE_ARRAY"}}
with pq.ParquetWriter(out / "fx.parquet", schema, store_schema=False, data_page_size=1 << 30, **options) as writer:
    many = {name: pa.concat_arrays([rows[name].combine_chunks()] * 6_000) for name in rows.column_names}
    many["currency"] = pa.array(["y" * 30_000] * 6_000, pa.large_string())
    for _ in range(8):
        writer.write_table(pa.table(many, schema=schema))
