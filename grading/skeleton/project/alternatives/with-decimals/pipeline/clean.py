"""The same with decimals, keeping what came first."""

import json
import sys
from decimal import Decimal
from pathlib import Path

source, out = (Path(sys.argv[sys.argv.index(name) + 1]) for name in ("--in", "--out"))
seen: set[str] = set()
sales = []
for row in json.loads((source / "rows.json").read_text())["rows"]:
    if row["id"] not in seen:
        seen.add(row["id"])
        cents = int(Decimal(row["amount"].replace(",", ".")) * 100)
        sales.append({"id": row["id"], "shop": row["shop"], "cents": cents})
(out / "sales.json").write_text(json.dumps({"sales": sorted(sales, key=lambda sale: sale["id"])}))
