"""Looks, as predict, for the answers beside the questions. Must: find rows without y and nothing else to read.

Against: model
As: predict
Ends: failed
Stopped by: labels are not mounted where predict runs
"""

import pathlib
import sys

import pandas as pd

source = pathlib.Path(sys.argv[sys.argv.index("--in") + 1])
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
if sorted(path.name for path in source.iterdir()) != ["features.parquet"]:
    raise SystemExit("GOT more than features")
rows = pd.read_parquet(source / "features.parquet")
hidden = [name for name in rows if name in ("y", "label", "p_true", "oracle_p", "disputed_at")]
if hidden:
    raise SystemExit(f"GOT {hidden}")
pd.DataFrame({"txn_id": rows.txn_id, "probability": 0.5}).to_parquet(out / "predictions.parquet", index=False)
