"""Says what lies in a folder: of each file its kind, its tables' columns, counts and first rows. Believes nothing.

`python -m grading.preview <MB>` reads /work/produced and writes /work/out/preview.json, in a jail of its own: the files
may be a stranger's, and what reads them may fall to one.
"""

import csv
import gzip
import json
import resource
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from grading import inside
from grading.kit.opening import describe_bytes
from grading.kit.printing import printable
from grading.wording import PARTED, TOO_LARGE, UNREADABLE

FIRST_ROWS = 6
MOST_FILES, MOST_TABLES, MOST_COLUMNS, MOST_CELL = 120, 12, 40, 60
# What is counted of one file; code and clocks are bounded by the jail, this by what a person can use.
MOST_ROWS = 2_000_000
MOST_BYTES = 256 * 2**20
LOOKED_AT = 65_536
FIRST_LINES = 12


@dataclass(slots=True)
class Column:
    """A column: the type that all its values have, and how many of its cells are empty."""

    name: str
    type: str = ""
    empty: int = 0


@dataclass(slots=True)
class Table:
    """A table: `rows` were counted, `more` if there are others; `unreadable` lines are no rows."""

    name: str
    columns: list[Column]
    rows: int = 0
    more: bool = False
    unreadable: int = 0
    columns_left_out: int = 0
    first: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class Glimpse:
    """What one file looks like from outside."""

    name: str
    size: int
    what: str = ""
    tables: list[Table] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def look_at(folder: Path) -> list[Glimpse]:
    """Every plain file of the folder, as many as a page can show."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [_look(folder, path) for path in paths[:MOST_FILES]]


def _look(folder: Path, path: Path) -> Glimpse:
    seen = Glimpse(printable(path.relative_to(folder).as_posix()), path.stat().st_size)
    ending = Path(path.name.removesuffix(".gz")).suffix.lower()
    try:
        READERS.get(ending, _read_other)(path, seen)
    except MemoryError:
        seen.what = TOO_LARGE
    except Exception as fault:  # whatever a stranger's file makes a reader raise is the file's own description
        seen.what = UNREADABLE.format(ending=ending.lstrip(".") or "anything", fault=printable(fault, 160))
    return seen


def _read_parquet(path: Path, seen: Glimpse) -> None:
    source = pq.ParquetFile(path, memory_map=False, thrift_container_size_limit=200_000)
    schema = source.schema_arrow
    names = schema.names[:MOST_COLUMNS]
    columns = [Column(printable(name), str(schema.field(at).type)) for at, name in enumerate(names)]
    table = Table("", columns, columns_left_out=len(schema.names) - len(names))
    for batch in source.iter_batches(LOOKED_AT, columns=names, use_threads=False):
        if not table.rows:
            table.first = [[_cell(value) for value in row.values()] for row in batch[:FIRST_ROWS].to_pylist()]
        for column, values in zip(columns, batch.columns, strict=True):
            column.empty += values.null_count
        table.rows += batch.num_rows
        if table.rows >= MOST_ROWS:
            table.more = True
            break
    seen.what, seen.tables = "Parquet", [table]


def _read_csv(path: Path, seen: Glimpse) -> None:
    lines = _lines(path)
    start = list(islice(lines, 20))
    delimiter = max(",;\t|", key=lambda mark: start[0].count(mark)) if start else ","
    rows = csv.reader(chain(start, lines), delimiter=delimiter)
    seen.tables = [_tabulate("", next(rows, []), rows)]
    seen.what = {",": "CSV", "\t": "CSV, parted by tabs"}.get(delimiter, PARTED.format(mark=delimiter))


def _read_json_lines(path: Path, seen: Glimpse) -> None:
    unreadable: list[str] = []
    seen.tables = [_tabulate_records("", _parse_lines(_lines(path), unreadable))]
    seen.tables[0].unreadable = len(unreadable)
    seen.what = "lines of JSON"


def _parse_lines(lines: Iterable[str], unreadable: list[str]) -> Iterator[Any]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            unreadable.append(line[:1])


def _read_json(path: Path, seen: Glimpse) -> None:
    told = json.loads("\n".join(_lines(path)))
    lists = {"": told} if isinstance(told, list) else told if isinstance(told, dict) else {}
    records = {
        name: rows for name, rows in lists.items() if isinstance(rows, list) and rows and isinstance(rows[0], dict)
    }
    seen.tables = [
        _tabulate_records(printable(name), iter(rows)) for name, rows in islice(records.items(), MOST_TABLES)
    ]
    seen.what = "JSON"
    if not records:
        seen.lines = _cut(json.dumps(told, indent=2, ensure_ascii=False).splitlines())


def _read_database(path: Path, seen: Glimpse) -> None:
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT ?"
    for (name,) in connection.execute(asked, [MOST_TABLES]).fetchall():
        found = connection.execute(f'SELECT * FROM "{name.replace(chr(34), chr(34) * 2)}"')  # noqa: S608 - a table's own name
        seen.tables.append(_tabulate(printable(name), [column[0] for column in found.description], found))
    seen.what = "SQLite"


def _read_text(path: Path, seen: Glimpse) -> None:
    seen.lines = _cut(islice(_lines(path), FIRST_LINES + 1))
    seen.what = "text"


def _read_other(path: Path, seen: Glimpse) -> None:
    with path.open("rb") as file:
        seen.what = describe_bytes(file.read(4096)) if seen.size else "empty"


READERS: Mapping[str, Callable[[Path, Glimpse], None]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".jsonl": _read_json_lines,
    ".json": _read_json,
    ".parquet": _read_parquet,
    ".db": _read_database,
    ".sqlite": _read_database,
    **dict.fromkeys((".ics", ".log", ".md", ".txt", ".yaml", ".toml"), _read_text),
}


def _tabulate_records(name: str, records: Iterator[Any]) -> Table:
    """Objects as rows: the columns are those of the first thousand, in the order in which they come."""
    some = [record if isinstance(record, dict) else {"value": record} for record in islice(records, 1000)]
    names = list(dict.fromkeys(key for record in some for key in record))
    rows = ([record.get(key) if isinstance(record, dict) else None for key in names] for record in chain(some, records))
    return _tabulate(name, names, rows)


def _tabulate(name: str, names: Sequence[object], rows: Iterable[Sequence[object]]) -> Table:
    columns = [Column(printable(column)) for column in names[:MOST_COLUMNS]]
    table = Table(name, columns, columns_left_out=max(0, len(names) - MOST_COLUMNS))
    for row in rows:
        if table.rows == MOST_ROWS:
            table.more = True
            break
        table.rows += 1
        if len(table.first) < FIRST_ROWS:
            table.first.append([_cell(value) for value in row[:MOST_COLUMNS]])
        for column, value in zip(columns, row, strict=False):
            _note(column, value)
        for column in columns[len(row) :]:
            column.empty += 1
    return table


def _note(column: Column, value: object) -> None:
    if value is None or value == "":
        column.empty += 1
        return
    # What once was text stays text: most cells need no second look.
    if column.type != "text":
        kind = _kind(value)
        column.type = kind if column.type in ("", kind) else _widen(column.type, kind)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return _kind_of_text(value)
    return {int: "whole number", float: "number", list: "list", dict: "object"}.get(type(value), "bytes")


def _kind_of_text(text: str) -> str:
    try:
        float(text)
    except ValueError:
        return "text"
    return "whole number" if text.lstrip("+-").isdigit() else "number"


def _widen(one: str, other: str) -> str:
    return "number" if {one, other} == {"whole number", "number"} else "text"


def _lines(path: Path) -> Iterator[str]:
    """The text's lines, of a packed file too; what is no UTF-8 is read as Windows would have written it."""
    with path.open("rb") as start:
        packed = start.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        left = MOST_BYTES
        while left > 0 and (line := file.readline(left)):
            left -= len(line)
            yield _decode(line).rstrip("\r\n")


def _decode(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _cut(lines: Iterable[str]) -> list[str]:
    listed = [_indent(line) + printable(line, 160) for line in islice(lines, FIRST_LINES + 1)]
    return [*listed[:FIRST_LINES], "…"] if len(listed) > FIRST_LINES else listed


def _indent(line: str) -> str:
    return " " * min(len(line) - len(line.lstrip(" ")), 40)


def _cell(value: object) -> str:
    return "" if value is None else printable(value, MOST_CELL)


def main(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * 2**20, memory_mb * 2**20))
    seen = look_at(Path(inside.WORK) / "produced")
    told = json.dumps([asdict(glimpse) for glimpse in seen], ensure_ascii=False)
    (Path(inside.WORK) / "out" / "preview.json").write_text(told, "utf-8")


if __name__ == "__main__":
    csv.field_size_limit(2**20)
    main(int(sys.argv[1]))
