"""What differs between two commits, or between two versions of a file, as plain values for a page; trusts no text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from curriculum.lines import ADDED, GAP, KEPT, MOST_LINES, REMOVED, Line, compare_lines
from frontend.templatetags.milepost import readable
from people.learners import repositories
from people.learners.repositories import Entry, keep_blob, quarantine
from people.learners.saving import end_lines_as_before

MOST_BYTES, MOST_BYTES_OF_A_FILE = 400_000, 200_000
# Each is a row of a table: as many short ones as the bytes allow would take a browser's breath away, and ours.
MOST_ROWS = 10_000
HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")
SIGNS = {"+": ADDED, "-": REMOVED, " ": KEPT}
CHANGED, RENAMED = "changed", "renamed"


@dataclass(slots=True)
class FileDiff:
    """What became of one file: `kind` is added, removed, renamed or changed; `binary` has no lines to show.

    `is_compared` unless a side is too long for it: then the lines are those of the second.
    """

    path: str
    kind: str = CHANGED
    before: str = ""
    binary: bool = False
    is_compared: bool = True
    lines: list[Line] = field(default_factory=list)

    @property
    def added(self) -> int:
        return sum(line.kind == ADDED for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == REMOVED for line in self.lines)

    @property
    def is_same(self) -> bool:
        return not self.lines and self.is_compared


@dataclass(frozen=True, slots=True)
class Diff:
    """All that differs, or as much of it as a page can show."""

    files: list[FileDiff]
    cut: bool = False


def compare_files(path: str, before: bytes | None, after: bytes) -> FileDiff:
    """What to change in the first, which may be none, to come to the second."""
    new = _read_lines(after)
    if before is None:
        return FileDiff(path, ADDED, lines=_add_all(new))
    old = _read_lines(before[:MOST_BYTES_OF_A_FILE])
    if len(before) > MOST_BYTES_OF_A_FILE or max(len(old), len(new)) > MOST_LINES:
        return FileDiff(path, lines=_add_all(new), is_compared=False)
    return FileDiff(path, lines=list(compare_lines(old, new, _colour(old), _colour(new))))


def show_around(content: bytes, at: int, around: int = 3) -> list[Line]:
    """A line of a file with a few around it, as they are."""
    lines = _read_lines(content)
    first = max(at - 1 - around, 0)
    shown = lines[first : at + around]
    return [Line(KEPT, text, after=first + number) for number, text in enumerate(_colour(shown), start=1)]


def compare_commits(repository: Path, before: str, after: str) -> Diff:
    """What changed from one commit to another."""
    return _read(repositories.compare(repository, before, after, MOST_BYTES))


def compare_texts(repository: Path, path: str, theirs: Entry | None, mine: str) -> Diff:
    """What would change of a file if this text took its place."""
    # In a repository of its own, so that nothing of a text that was not saved stays.
    with quarantine(repository) as scratch:
        before = theirs.name if theirs else keep_blob(scratch, b"")
        after = keep_blob(scratch, end_lines_as_before(repository, theirs, mine).encode())
        found = _read(repositories.compare(scratch, before, after, MOST_BYTES))
    return replace(found, files=[replace(file, path=path) for file in found.files])


def _read_lines(content: bytes) -> list[str]:
    return readable(content.decode("utf-8", "replace")).rstrip("\n").split("\n") if content.strip() else []


def _add_all(lines: list[str]) -> list[Line]:
    return list(compare_lines([], lines, [], _colour(lines)))


def _colour(lines: list[str]) -> list[SafeString]:
    """Each line as HTML. The formatter escapes every text, and closes at the end of a line what it has opened."""
    lexer = PythonLexer(stripnl=False, stripall=False, ensurenl=False)
    coloured = highlight("\n".join(lines), lexer, HtmlFormatter(nowrap=True)).split("\n")
    return [mark_safe(line) for line in coloured[: len(lines)]]  # noqa: S308 - escaped by the formatter


def _read(said: bytes) -> Diff:
    lines = readable(said[:MOST_BYTES].decode("utf-8", "replace")).split("\n")[:-1]
    return Diff(list(_read_files(lines[:MOST_ROWS])), cut=len(said) > MOST_BYTES or len(lines) > MOST_ROWS)


def _read_files(lines: list[str]) -> Iterator[FileDiff]:
    starts = [at for at, line in enumerate(lines) if line.startswith("diff --git ")]
    for start, end in pairwise([*starts, len(lines)]):
        yield _read_file(lines[start:end])


def _read_file(lines: list[str]) -> FileDiff:
    head = next((at for at, line in enumerate(lines) if line.startswith("@@ ")), len(lines))
    # Both names stand in the first line, and are the same unless the file was renamed.
    names = lines[0].removeprefix("diff --git ")
    found = FileDiff(_unquote(names[len(names) // 2 + 1 :]).removeprefix("b/"))
    for line in lines[1:head]:
        _read_heading(found, line)
    found.lines = list(_read_hunks(lines[head:]))
    return found


def _read_heading(found: FileDiff, line: str) -> None:
    for start, kind in (("new file", ADDED), ("deleted file", REMOVED), ("rename from ", RENAMED)):
        if line.startswith(start):
            found.kind = kind
    if line.startswith("rename from "):
        found.before = _unquote(line.removeprefix("rename from "))
    if line.startswith("rename to "):
        found.path = _unquote(line.removeprefix("rename to "))
    if line.startswith("Binary files "):
        found.binary = True


def _read_hunks(lines: list[str]) -> Iterator[Line]:
    before = after = 0
    for number, line in enumerate(lines):
        if hunk := HUNK.match(line):
            before, after = int(hunk[1]), int(hunk[2])
            if number or hunk[3].strip():
                yield Line(GAP, hunk[3].strip())
        elif line and line[0] in SIGNS:
            kind = SIGNS[line[0]]
            yield Line(kind, line[1:], before if kind != ADDED else None, after if kind != REMOVED else None)
            before += kind != ADDED
            after += kind != REMOVED


def _unquote(name: str) -> str:
    """git puts a name in quotes that holds a quote or a backslash."""
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name
