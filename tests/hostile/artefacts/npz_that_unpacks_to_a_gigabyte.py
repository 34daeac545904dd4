"""Packs a gigabyte of zeros into a model of 1 MB. Must: never be unpacked.

Against: model
As: train, predict
Ends: failed
Stopped by: only headers are read
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
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (131072000,), }\n"
    with (
        zipfile.ZipFile(out / "model.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("w.npy", "w", force_zip64=True) as file,
    ):
        file.write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head)
        for _ in range(1_000):
            file.write(bytes(1 << 20))
