"""The same with the csv module."""

import csv
import json
import sys
from pathlib import Path

given = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
rows, rejects = [], []
with (Path(given["--raw"]) / "till.txt").open(newline="") as file:
    for number, parts in enumerate(csv.reader(file, delimiter=";"), 1):
        if len(parts) == 3:
            rows.append(dict(zip(("id", "shop", "amount"), parts, strict=True), line=number))
        else:
            rejects.append(number)
(Path(given["--out"]) / "rows.json").write_text(json.dumps({"rows": rows, "rejects": rejects}, indent=1))
