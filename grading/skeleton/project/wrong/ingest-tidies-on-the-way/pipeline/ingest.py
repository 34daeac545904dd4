"""Milestone 1: every line of the till becomes a row, or a reject by its number."""

import argparse
import json
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    loaded = load((options.raw / "till.txt").read_text().splitlines())
    (options.out / "rows.json").write_text(json.dumps(loaded))


def load(lines: list[str]) -> dict[str, list]:
    rows, rejects = [], []
    for number, line in enumerate(lines, 1):
        parts = line.split(";")
        if len(parts) == 3:
            rows.append({"line": number, "id": parts[0], "shop": parts[1], "amount": parts[2].replace(",", ".")})
        else:
            rejects.append(number)
    return {"rows": rows, "rejects": rejects}


if __name__ == "__main__":
    main()
