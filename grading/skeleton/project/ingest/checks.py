"""What is asked of ingest: that every line is there, as it came, or is rejected by its number."""

from collections.abc import Mapping
from typing import Any

from grading.kit import DoesNotHold, Produced, Truth, check, document, expect

ROWS = {"rows": "list", "rejects": "list"}
FIELDS = ("line", "id", "shop", "amount")


def read_rows(produced: Produced) -> list[Mapping[str, Any]]:
    """The rows, or a refusal when one of them is no row."""
    rows = document(produced, "rows.json", fields=ROWS)["rows"]
    for row in rows:
        if not isinstance(row, dict) or any(not isinstance(row.get(name), str | int) for name in FIELDS):
            raise DoesNotHold(f"A row of rows.json lacks one of {', '.join(FIELDS)}, or has something odd there.")
    return list(rows)


def is_sale(line: str) -> bool:
    return line.count(";") == 2


@check(skills=["acquire-data"], level=1)
def every_sale_is_loaded(produced: Produced, truth: Truth) -> None:
    """Every line that is a sale is a row, once, under its own number."""
    wanted = {number for number, line in enumerate(truth.json("lines"), 1) if is_sale(line)}
    found = [row["line"] for row in read_rows(produced)]
    missing = len(wanted - set(found))
    expect(
        missing == 0 and len(found) == len(set(found)),
        f"{missing} sales of the file are no rows, and {len(found) - len(set(found))} lines are there more than once. Nadia "
        "would add up another day than the one that was. Look at the first and the last line of the file.",
    )


@check(skills=["validate"], level=2)
def rejects_are_named(produced: Produced, truth: Truth) -> None:
    """Every line that is no sale is rejected by its number, and no other."""
    wanted = {number for number, line in enumerate(truth.json("lines"), 1) if not is_sale(line)}
    told = document(produced, "rows.json", fields=ROWS)["rejects"]
    found = {line for line in told if isinstance(line, int)}
    expect(
        found == wanted and len(told) == len(found),
        f"{len(told)} lines are rejected where {len(wanted)} should be. What is thrown away in silence is missed by nobody "
        "until the books are closed. Print the lines that do not look like the others.",
    )


@check(skills=["acquire-data"], level=2)
def amounts_are_kept_as_they_came(produced: Produced, truth: Truth) -> None:
    """The text of each amount is the file's."""
    lines = truth.json("lines")
    rows = [row for row in read_rows(produced) if isinstance(row["line"], int) and 0 < row["line"] <= len(lines)]
    changed = sum(is_sale(lines[r["line"] - 1]) and lines[r["line"] - 1].split(";")[2] != r["amount"] for r in rows)
    expect(
        changed == 0,
        f"{changed} amounts are not what the file says. When an amount is doubted later, nobody can tell any more whether it "
        "came like that. Leave the repairing to clean.",
    )
