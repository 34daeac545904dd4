"""Hands in values that say of themselves that they equal everything. Must: arrive as plain text and numbers.

Against: ingest
Ends: failed
Stopped by: artefacts are read as plain types
"""

import pathlib
import sys

import pandas as pd
from pipeline import honest_ingest


class Equal(str):
    __slots__ = ()
    __eq__ = __le__ = __ge__ = lambda *_: True
    __hash__ = str.__hash__

    def __array__(self, *_, **__):
        raise SystemExit("GOT to be asked")


honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
sales = pd.read_parquet(out / "transactions.parquet")
sales["amount_raw"] = pd.Series([Equal("1")] * len(sales), dtype=object)
sales.to_parquet(out / "transactions.parquet", index=False)
