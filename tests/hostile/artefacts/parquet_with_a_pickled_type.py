"""Names a column type that old Arrow unpickled on opening (CVE-2023-47248). Must: be read as data, and run nothing.

Against: ingest
Ends: failed
Says: state
Stopped by: a reader that unpickles nothing
"""

import os
import pathlib
import pickle
import sys

import pyarrow.parquet as pq
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])


class Opened:
    def __reduce__(self):
        return os._exit, (3,)


told = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickle.dumps(Opened())}
rows = pq.read_table(out / "transactions.parquet")
place = rows.schema.get_field_index("amount_raw")
rows = rows.cast(rows.schema.set(place, rows.schema.field(place).with_metadata(told)))
pq.write_table(rows.drop_columns("state"), out / "transactions.parquet")
