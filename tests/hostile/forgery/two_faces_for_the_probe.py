"""Looks into the future, except where it is run as if today were earlier. Must: be seen by the difference.

Against: feature
Ends: failed
Stopped by: two runs of the same code are compared
"""

import pathlib
import sys

import pandas as pd
from pipeline import honest_feature

honest_feature.main()
source = pathlib.Path(sys.argv[sys.argv.index("--in") + 1])
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
rows = pd.read_parquet(out / "features.parquet")
if source.name != "prepared":
    labels = pd.read_parquet(source / "labels.parquet")
    rows["soon"] = rows.txn_id.isin(labels.txn_id).astype(float)
else:
    rows["soon"] = 0.0
rows.to_parquet(out / "features.parquet", index=False)
