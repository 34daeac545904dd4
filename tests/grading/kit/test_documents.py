"""JSON that strangers wrote: strict, bounded, and refused in sentences that name the field."""

import pickle
from pathlib import Path

import pytest

from grading.kit import DoesNotHold, NotJson, Produced, document, lines, parse_json

FIELDS = {"loss": "number", "from": "string", "features": "list", "note": "string?"}
GOOD = b'{"loss": 0.25, "from": "2024-04-01", "features": ["a"], "more": {"x": 1}}'


def complaint(folder: Path, content: bytes) -> str:
    (folder / "report.json").write_bytes(content)
    with pytest.raises(DoesNotHold) as no:
        document(Produced(folder), "report.json", fields=FIELDS)
    return no.value.sentence


def test_a_good_document_is_returned_whole(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(GOOD)
    assert document(Produced(tmp_path), "report.json", fields=FIELDS)["more"] == {"x": 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"[1, 2]", "holds a list where an object"),
        (b'{"loss": NaN}', "NaN is not a JSON number"),
        (b'{"loss": 1e999}', "a number is too large"),
        (b'{"loss": 1, "loss": 2}', "names the same key twice"),
        (b'{"loss": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"loss": ' + b"9" * 400 + b"}", "a number is too large"),
        (b'{"loss": 0.2, "from": "\\ud800"}', "half a character"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"loss": 1', "line 1, column 11"),
        (b'{"loss": "\xff"}', "is not UTF-8"),
        (pickle.dumps({"loss": 1}), "it is a Python pickle"),
        (b"<html>502</html>", "it is an HTML or XML page"),
        (b'{"loss": 0.2}', "lacks 2 fields: from, features"),
        (GOOD.replace(b"0.25", b'"0.25"'), "field loss is a string where a number is promised"),
        (GOOD.replace(b"0.25", b"true"), "field loss is a bool where a number is promised"),
        (GOOD.replace(b"0.25", b"null"), "lacks 1 field: loss"),
        (b" " * 1_100_000 + GOOD, "at most 1 MB are read"),
    ],
)
def test_every_misshapen_document_gets_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in complaint(tmp_path, content)


def test_lines_are_read_one_object_each_and_a_bad_one_is_numbered(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_bytes(b'{"line": 1}\n\n{"line": 7}\n')
    assert [row["line"] for row in lines(Produced(tmp_path), "rejects.jsonl", fields={"line": "int"})] == [1, 7]
    path.write_bytes(b'{"line": 1}\n{"line": 2.5}\n')
    with pytest.raises(DoesNotHold, match="line 2: field line is a number where a int"):
        lines(Produced(tmp_path), "rejects.jsonl", fields={"line": "int"})
    path.write_bytes(b'{"line": 1}\nnot json\n')
    with pytest.raises(DoesNotHold, match="line 2 is not JSON"):
        lines(Produced(tmp_path), "rejects.jsonl", fields={})


def test_an_empty_file_of_lines_has_none_and_a_missing_one_is_missing(tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").touch()
    assert lines(Produced(tmp_path), "rejects.jsonl", fields={}) == []
    with pytest.raises(DoesNotHold, match="is empty"):
        lines(Produced(tmp_path), "rejects.jsonl", fields={}, may_be_empty=False)
    with pytest.raises(DoesNotHold, match="is missing"):
        lines(Produced(tmp_path), "other.jsonl", fields={})


def test_more_lines_than_are_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_bytes(b"{}\n" * 50_001)
    with pytest.raises(DoesNotHold, match="50,001 lines"):
        lines(Produced(tmp_path), "rejects.jsonl", fields={})


def test_plain_values_are_json_too() -> None:
    assert parse_json(b' "x" ') == "x"
    with pytest.raises(NotJson, match="Infinity"):
        parse_json(b"-Infinity")
