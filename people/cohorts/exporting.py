"""Writes a gradebook as a file, piece by piece: CSV, JSON or an Excel workbook.

The names of columns are for programs, and the same in every language. Instants are in UTC. What learners or schools
wrote never becomes a formula: in a workbook each text is one, and in CSV a text that a spreadsheet would run gets an
apostrophe before it. CSV begins with a byte-order mark, without which Excel takes UTF-8 for something else; pandas
and Python's utf-8-sig skip it.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, Final

import xlsxwriter

from people.cohorts.gradebook import Book, Column, Line
from people.cohorts.grades import Grade

# What spreadsheets begin a formula with; the wide ones too, where text is read in East Asian widths.
FORMULAS: Final = tuple("=+-@＝＋－＠")
CONTROLS: Final = ("\t", "\r", "\n")
ABOUT: Final = ("username", "name", "external_id", "section")
GRADED: Final = (
    "submission",
    "outcome",
    "handed_in_at",
    "machine",
    "days_late",
    "kept_percent",
    "adjusted",
    "override",
    "counts",
)
PIECE: Final = 64 * 2**10
Value = str | float | None
Batches = Iterable[Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file, and what writes it."""

    media_type: str
    write: Callable[[Book, Batches], Iterator[bytes]]


def name_file(book: Book, extension: str, now: datetime) -> str:
    return f"{book.cohort.slug}-gradebook-{now.astimezone(UTC):%Y-%m-%d}.{extension}"


def disarm(text: str) -> str:
    """The same text, unless a spreadsheet would take it for a formula."""
    if text.startswith(CONTROLS) or text.lstrip().startswith(FORMULAS):
        return f"'{text}"
    return text


def describe_grade(grade: Grade | None) -> dict[str, Value]:
    """One milestone of one learner by the names that files and the API give to it."""
    if grade is None:
        return dict.fromkeys(GRADED)
    told: tuple[Value, ...] = (
        grade.judged.submission_id,
        grade.judged.outcome,
        write_instant(grade.judged.handed_in_at),
        grade.machine,
        grade.lateness.days,
        grade.lateness.kept_percent,
        grade.adjusted,
        grade.override,
        grade.counts,
    )
    return dict(zip(GRADED, told, strict=True))


def describe_line(book: Book, line: Line) -> dict[str, object]:
    """One learner's line: who they are, their grades by "project/milestone", and their total."""
    pairs = zip(book.columns, line.grades, strict=True)
    grades = {column.place: describe_grade(grade) for column, grade in pairs if grade}
    return {**dict(zip(ABOUT, _about(line), strict=True)), "grades": grades, "total": line.total}


def write_instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _head(columns: Sequence[Column]) -> list[str]:
    return [*ABOUT, *(f"{column.place} {name}" for column in columns for name in GRADED), "total"]


def _row(line: Line) -> list[Value]:
    graded = [value for grade in line.grades for value in describe_grade(grade).values()]
    return [*_about(line), *graded, line.total]


def _about(line: Line) -> list[str]:
    member = line.member
    section = member.section.title if member.section else ""
    return [member.user.username, member.user.get_full_name(), member.external_id, section]


def write_csv(book: Book, batches: Batches) -> Iterator[bytes]:
    yield "\ufeff".encode()
    yield _rows_as_csv([_head(book.columns)])
    for lines in batches:
        yield _rows_as_csv(_row(line) for line in lines)


def _rows_as_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([[disarm(one) if isinstance(one, str) else one for one in row] for row in rows])
    return written.getvalue().encode()


def write_json(book: Book, batches: Batches) -> Iterator[bytes]:
    milestones = [{"milestone": one.place, "title": one.title, "weight": one.weight} for one in book.columns]
    head = {"cohort": book.cohort.slug, "title": book.cohort.title, "milestones": milestones}
    yield json.dumps(head, ensure_ascii=False).removesuffix("}").encode() + b', "learners": [\n'
    between = b""
    for lines in batches:
        yield between + ",\n".join(_line_as_json(book, line) for line in lines).encode()
        between = b",\n"
    yield b"\n]}\n"


def _line_as_json(book: Book, line: Line) -> str:
    return json.dumps(describe_line(book, line), ensure_ascii=False)


def write_xlsx(book: Book, batches: Batches) -> Iterator[bytes]:
    """A workbook cannot be begun before it is done; it is written to disk row by row, and read from there."""
    with TemporaryFile() as file:
        _fill_workbook(file, book, batches)
        file.seek(0)
        yield from iter(lambda: file.read(PIECE), b"")


def _fill_workbook(file: IO[bytes], book: Book, batches: Batches) -> None:
    # A text is written as a text, whatever it looks like: by its own method, never by one that guesses.
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        sheet, bold = workbook.add_worksheet("gradebook"), workbook.add_format({"bold": True})
        sheet.freeze_panes(1, 1)
        for number, name in enumerate(_head(book.columns)):
            sheet.write_string(0, number, name, bold)
        rows = (_row(line) for lines in batches for line in lines)
        for position, row in enumerate(rows, start=1):
            for number, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(position, number, value)
                elif value is not None:
                    sheet.write_number(position, number, value)
        weights = workbook.add_worksheet("weights")
        for position, column in enumerate(book.columns):
            weights.write_string(position, 0, column.place)
            weights.write_number(position, 1, column.weight)


FORMATS: Final = {
    "csv": Format("text/csv; charset=utf-8", write_csv),
    "json": Format("application/json", write_json),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
