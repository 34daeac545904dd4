"""Writes a joblib file whose opening ends the process. Must: be named by its suffix and never opened.

Against: model
As: train, predict
Ends: failed
Says: pickle
Stopped by: models are looked at and never loaded
"""

import os
import pathlib
import pickle
import sys

import pandas as pd

source = pathlib.Path(sys.argv[sys.argv.index("--in") + 1]) / "features.parquet"
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
if "--model" in sys.argv:
    rows = pd.read_parquet(source, columns=["txn_id"])
    rows.assign(probability=0.01).to_parquet(out / "predictions.parquet", index=False)
else:
    from pipeline import honest_train

    honest_train.main()
    (out / "model.json").unlink()

    class Opened:
        def __reduce__(self):
            return os._exit, (3,)

    (out / "model.joblib").write_bytes(pickle.dumps(Opened()))
