"""Spells the type of its arrays so that a search for |O misses it: a pickle inside. Must: be named as such.

Against: model
As: train, predict
Ends: failed
Says: holds Python objects
Stopped by: headers are read as NumPy reads them
"""

import pathlib
import sys
import zipfile

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
    head = b"{" + b" " * 300 + b"'descr': 'O', 'fortran_order': False, 'shape': (1,), }\n"
    with zipfile.ZipFile(out / "model.npz", "w") as archive:
        archive.writestr("w.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"\x80\x04N.")
