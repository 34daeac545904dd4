"""Names its columns with escapes, turned direction and markup, so that feedback shows them. Must: be shown harmlessly.

Against: ingest
Ends: failed
Says: state
Stopped by: control characters taken out of every sentence
"""

import pathlib
import sys

import pandas as pd
from pipeline import honest_ingest

honest_ingest.main()
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
sales = pd.read_parquet(out / "transactions.parquet").drop(columns=["state"])
for name in ("\x1b]0;owned\x07", "\u202estate", "<script>alert(1)</script>", "stat\u200be", "a\0b", "[bold]x[/bold]"):
    sales[name] = 1
sales.to_parquet(out / "transactions.parquet", index=False)
