"""Sources: readable by ordinary tools, and the same bytes each time."""

import csv
import gzip
import io
import json
import sqlite3
from pathlib import Path

import pandas as pd

from worlds.sources import json_lines, write_csv, write_gzip_lines, write_sqlite


def test_gzipped_lines_carry_neither_time_nor_name(tmp_path: Path) -> None:
    write_gzip_lines(tmp_path / "one.gz", ["a", "ü"])
    modified_at, flags = (tmp_path / "one.gz").read_bytes()[4:8], (tmp_path / "one.gz").read_bytes()[3]
    assert (modified_at, flags) == (b"\0\0\0\0", 0)
    assert gzip.decompress((tmp_path / "one.gz").read_bytes()).decode() == "a\nü\n"


def test_a_broken_file_ends_without_a_line_end(tmp_path: Path) -> None:
    write_gzip_lines(tmp_path / "one.gz", ["a", "b"], broken=True)
    assert gzip.decompress((tmp_path / "one.gz").read_bytes()) == b"a\nb"


def test_a_separator_inside_a_name_is_quoted(tmp_path: Path) -> None:
    write_csv(tmp_path / "m.csv", pd.DataFrame({"id": [1], "name": ["Brot; Büro"]}), delimiter=";", encoding="cp1252")
    text = (tmp_path / "m.csv").read_bytes().decode("cp1252")
    assert list(csv.reader(io.StringIO(text), delimiter=";")) == [["id", "name"], ["1", "Brot; Büro"]]


def test_a_database_keeps_numbers_texts_and_nothing(tmp_path: Path) -> None:
    table = pd.DataFrame({"n": [1, 2], "t": ["x", None]})
    for name in ("one.db", "two.db"):
        write_sqlite(tmp_path / name, {"t": table})
    assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes()
    assert sqlite3.connect(tmp_path / "one.db").execute("SELECT n, t FROM t").fetchall() == [(1, "x"), (2, None)]


def test_each_row_is_written_in_its_own_schema() -> None:
    frame = pd.DataFrame({"v": [1, 2], "id": ["a", "b"]}, index=[5, 3])
    lines = json_lines(frame, "v", {1: {"key": "id"}, 2: {"schema": "v", "id": "id"}})
    assert [json.loads(line) for line in lines] == [{"key": "a"}, {"schema": 2, "id": "b"}]
