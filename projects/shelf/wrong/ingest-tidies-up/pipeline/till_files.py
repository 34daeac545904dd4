"""Reads the tills' gzipped files line by line: each is loaded as it is, or rejected with a reason."""

import gzip
import hashlib
from pathlib import Path
from typing import Any

SEPARATOR = ";"
FIELDS = 9
LONGEST_RAW = 500


def load_tills(raw: Path) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows, rejected lines, and one entry per file that accounts for each of its lines; the header is none of them."""
    rows: list[tuple[Any, ...]] = []
    rejects: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for path in sorted(raw.glob("tills_*.csv.gz")):
        content = path.read_bytes()
        lines = gzip.decompress(content).decode("utf-8", errors="replace").removesuffix("\n").split("\n")[1:]
        loaded, rejected = _load(path.name, lines)
        rows += loaded
        rejects += rejected
        counts = {"lines": len(lines), "loaded": len(loaded), "rejected": len(rejected)}
        files.append({"name": path.name, "sha256": hashlib.sha256(content).hexdigest(), **counts})
    return rows, rejects, files


def _load(file: str, lines: list[str]) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    store = file.removeprefix("tills_").rsplit("_", 1)[0]
    rows, rejects = [], []
    for number, line in enumerate(lines, start=2):
        try:
            rows.append((file, number, store, *read_line(line)))
        except ValueError as error:
            rejects.append({"file": file, "line": number, "reason": str(error), "raw": line[:LONGEST_RAW]})
    return rows, rejects


def read_line(line: str) -> tuple[Any, ...]:
    """The fields of one line, codes, moments and amounts as written. ValueError says what is wrong with it."""
    fields = line.split(SEPARATOR)
    if len(fields) != FIELDS:
        raise ValueError(f"{len(fields)} fields instead of {FIELDS}")
    receipt, number, till, moment, kind, article, unit, qty, amount = fields
    if len(amount.replace(",", ".").partition(".")[2]) != 2:
        raise ValueError("the amount breaks off")
    return receipt, int(number), int(till), moment, kind, article.strip().lower(), unit, int(qty), amount.replace(",", ".")
