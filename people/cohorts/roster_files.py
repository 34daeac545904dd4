"""Reads a roster, as spreadsheets save one: text into lines, and what is wrong with a line by its row. No database."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from people.learners.refusals import Refusal

MOST_BYTES = 8 * 2**20
MOST_ROWS = 50_000
MOST_EXTRA = 400
DELIMITERS = ";,\t"
COLUMNS = ("username", "email", "external_id", "section", "accommodations")
LENGTHS = {"username": 150, "email": 254, "external_id": 120, "section": 60, "accommodations": 20}
OTHER_NAMES = {"user_name": "username", "e_mail": "email", "mail": "email", "id": "external_id"}
# Spreadsheets of Windows save in this what is not UTF-8; it reads all of Latin-1.
WINDOWS = "cp1252"
USERNAME = re.compile(r"[\w.@+-]+")
PERCENT = re.compile(r"\+?\s*(\d{1,3})\s*%?")
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Line:
    """One row that can be used. What is empty, or None, says nothing and changes nothing."""

    row: int
    username: str = ""
    email: str = ""
    external_id: str = ""
    section: str = ""
    extra_percent: int | None = None

    @property
    def name(self) -> str:
        return self.username or self.email


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that cannot be used, and why."""

    row: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RosterFile:
    lines: list[Line]
    faults: list[Fault]
    ignored: list[str]


def decode(content: bytes) -> tuple[str, str]:
    """The text of a roster, and the encoding that it was in. Raises Refusal."""
    if len(content) > MOST_BYTES:
        told = _("This roster is larger than {most} MB; leave out other columns, or split it.")
        raise Refusal("too-large", "roster", told.format(most=MOST_BYTES // 2**20), 413)
    if content.startswith(SPREADSHEETS):
        raise Refusal("not-csv", "roster", _("This is a spreadsheet; save it as CSV (UTF-8), and send that."))
    for encoding in _guess(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip() and "\0" not in text:
            return text, encoding
    if not content.strip():
        raise Refusal("empty", "roster", _("This file is empty; its first row must name the columns."))
    told = _("The letters of this file cannot be read; save it as CSV in UTF-8, and send that.")
    raise Refusal("unknown-encoding", "roster", told)


def _guess(content: bytes) -> Iterator[str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield "utf-16"
        return
    head = content[:2000]
    # A letter of our alphabet has an empty byte in UTF-16, on the same side each time.
    if len(content) % 2 == 0 and b"\0" in head:
        yield "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return
    yield from ("utf-8-sig", WINDOWS)


def read_roster(text: str) -> RosterFile:
    """What the rows say. Raises Refusal where the file as a whole cannot be used."""
    first, _newline, rest = text.lstrip("\ufeff").partition("\n")
    skipped = 1 if first.lower().startswith("sep=") else 0
    body = rest if skipped else text.lstrip("\ufeff")
    rows = _read_rows(body, _find_delimiter(body))
    header = next(rows, [])
    columns, ignored = _read_header(header)
    lines: list[Line] = []
    faults: list[Fault] = []
    for row, cells in enumerate(rows, start=2 + skipped):
        if row > MOST_ROWS + 1 + skipped:
            told = _("This roster has more than {most} rows; split it.").format(most=f"{MOST_ROWS:,}")
            raise Refusal("too-many-rows", "roster", told, 413)
        if any(cell.strip() for cell in cells):
            read = _read_line(row, columns, cells)
            if isinstance(read, Line):
                lines.append(read)
            else:
                faults.append(read)
    return _refuse_twins(lines, faults, ignored)


def _find_delimiter(text: str) -> str:
    """The one that finds most of our columns in the first row."""
    head = text.lstrip("\r\n").splitlines()[:1]

    def count(delimiter: str) -> int:
        cells = next(csv.reader(head, delimiter=delimiter), [])
        return sum(_name_column(cell) in COLUMNS for cell in cells)

    return max(DELIMITERS, key=count)


def _read_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        told = _("The file cannot be read at line {line}: look for a quotation mark that is opened and not closed.")
        raise Refusal("not-csv", "roster", told.format(line=reader.line_num)) from error


def _name_column(cell: str) -> str:
    name = re.sub(r"[\s-]+", "_", cell.strip().lower())
    return OTHER_NAMES.get(name, name)


def _read_header(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """What each column is, and the names of those that are none of ours."""
    columns = [_name_column(cell) for cell in header]
    known = [name for name in columns if name in COLUMNS]
    if not {"username", "email"} & set(known):
        told = _("The first row must name the columns, with username or email among them; known are {known}.")
        raise Refusal("no-header", "roster", told.format(known=", ".join(COLUMNS)))
    twice = next((name for name in known if known.count(name) > 1), None)
    if twice:
        told = _("The column {column} is there twice; leave one out.").format(column=twice)
        raise Refusal("column-twice", "roster", told)
    return columns, [cell.strip() for cell, name in zip(header, columns, strict=True) if name not in COLUMNS]


def _read_line(row: int, columns: Sequence[str], cells: Sequence[str]) -> Line | Fault:
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name in COLUMNS}
    name = said.get("username") or said.get("email") or ""
    reason = _find_fault(said)
    if any(cell.strip() for cell in cells[len(columns) :]):
        reason = _("The row has more cells than there are columns.")
    if reason:
        return Fault(row, name[: LENGTHS["username"]], reason)
    percent = PERCENT.fullmatch(said.get("accommodations", ""))
    return Line(
        row,
        said.get("username", "").lower(),
        said.get("email", "").lower(),
        said.get("external_id", ""),
        " ".join(said.get("section", "").split()),
        int(percent[1]) if percent else None,
    )


def _find_fault(said: Mapping[str, str]) -> str:
    """What is wrong with a row by itself; empty if nothing is."""
    username, email, extra = (said.get(name, "") for name in ("username", "email", "accommodations"))
    for name, cell in said.items():
        if len(cell) > LENGTHS[name]:
            return _("The {column} has more than {most} characters.").format(column=name, most=LENGTHS[name])
        if not cell.isprintable():
            return _("The {column} has characters that cannot be shown.").format(column=name)
    if not username and not email:
        return _("The row names nobody: give a username or an email.")
    if username and not USERNAME.fullmatch(username):
        return _("A username has only letters, digits and @ . + - _.")
    if email and not _is_email(email):
        return _("The email is no e-mail address.")
    percent = PERCENT.fullmatch(extra)
    if extra and (not percent or int(percent[1]) > MOST_EXTRA):
        return _("Accommodations are whole per cent of extra time, from 0 to {most}.").format(most=MOST_EXTRA)
    return ""


def _is_email(told: str) -> bool:
    try:
        validate_email(told)
    except ValidationError:
        return False
    return True


def _refuse_twins(lines: list[Line], faults: list[Fault], ignored: list[str]) -> RosterFile:
    """Of rows that share what must be somebody's own, the first stays."""
    seen: dict[tuple[str, str], int] = {}
    kept = []
    for line in lines:
        own = [(name, getattr(line, name)) for name in ("username", "email", "external_id") if getattr(line, name)]
        twin = next(((name, seen[name, value]) for name, value in own if (name, value) in seen), None)
        if twin:
            told = _("The {column} is in row {row} already.").format(column=twin[0], row=twin[1])
            faults.append(Fault(line.row, line.name, told))
            continue
        seen.update(dict.fromkeys(own, line.row))
        kept.append(line)
    return RosterFile(kept, sorted(faults, key=lambda fault: fault.row), ignored)
