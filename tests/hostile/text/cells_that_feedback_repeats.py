"""Fills cells that feedback repeats with escapes, nulls and markup. Must: be shown harmlessly.

Against: ingest
Ends: failed
Says: source_file
Stopped by: control characters taken out of every sentence
"""

import pathlib
import sys

import pandas as pd
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
sales = pd.read_parquet(out / "transactions.parquet")
sales["source_file"] = "\x1b[2J\u202e<img src=x onerror=alert(1)>\0" + "y" * 5_000
sales.to_parquet(out / "transactions.parquet", index=False)
