"""The same with a regular expression, rejects first."""

import json
import re
import sys
from pathlib import Path

SALE = re.compile(r"(?P<id>[^;]+);(?P<shop>[^;]+);(?P<amount>[^;]+)")
raw, out = (Path(sys.argv[sys.argv.index(name) + 1]) for name in ("--raw", "--out"))
found = [SALE.fullmatch(line) for line in (raw / "till.txt").read_text().splitlines()]
rejects = [number for number, match in enumerate(found, 1) if not match]
rows = [{"line": number, **match.groupdict()} for number, match in enumerate(found, 1) if match]
(out / "rows.json").write_text(json.dumps({"rejects": rejects, "rows": rows}))
