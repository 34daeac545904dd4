"""Says how large a world is and what it says of its own difficulty, in a process of its own: tables need pyarrow."""

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

# What a package's data.py says of these in truth/meta.json, if it does.
NAMED = ("naive_rate", "naive_loss", "oracle_loss")


def tell(truth: Path) -> dict[str, Any]:
    rows = {path.stem: count_rows(path) for path in sorted(truth.iterdir()) if path.is_file()}
    meta = json.loads((truth / "meta.json").read_text()) if (truth / "meta.json").is_file() else {}
    return {"rows": rows, **{name: meta[name] for name in NAMED if name in meta}}


def count_rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    told = json.loads(path.read_text()) if path.suffix == ".json" else []
    return len(told) if isinstance(told, list) else 0


if __name__ == "__main__":
    print(json.dumps(tell(Path(json.load(sys.stdin)["truth"]))))
