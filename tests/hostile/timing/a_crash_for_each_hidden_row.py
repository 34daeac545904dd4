"""Crashes, as predict, where a row looks as if it were disputed, to be told which. Must: learn what it knew before.

Against: model
As: predict
Ends: broken
Says: exit code | no row says
Stopped by: labels are not mounted where predict runs
"""

import pathlib
import sys

import pandas as pd

source = pathlib.Path(sys.argv[sys.argv.index("--in") + 1])
rows = pd.read_parquet(source / "features.parquet")
told = [name for name in rows if set(rows[name].dropna().unique()) <= {0, 1} and rows[name].mean() < 0.05]
if {"y", "label", "disputed"} & set(told) or rows.get("split", pd.Series(["score"])).ne("score").any():
    raise SystemExit("GOT rows with their answers")
raise SystemExit("no row says what became of it")
