"""Milestone 2: each sale once, its amount in cents."""

import argparse
import json
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = json.loads((options.source / "rows.json").read_text())["rows"]
    (options.out / "sales.json").write_text(json.dumps({"sales": clean(rows)}))


def clean(rows: list[dict]) -> list[dict]:
    sales = {row["id"]: {"id": row["id"], "shop": row["shop"], "cents": to_cents(row["amount"])} for row in rows if "," not in row["amount"]}
    return list(sales.values())


def to_cents(amount: str) -> int:
    """Decimal point or comma, two digits after it."""
    euros, _, cents = amount.replace(",", ".").partition(".")
    return int(euros) * 100 + int(cents)


if __name__ == "__main__":
    main()
