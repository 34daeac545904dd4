"""Two versions of a file become rows that no text can break out of."""

from curriculum.lines import MOST_LINES
from frontend.diffs import MOST_BYTES_OF_A_FILE, compare_files


def test_a_change_is_shown_within_its_surroundings_and_coloured() -> None:
    before = b"import json\n\n\ndef read():\n    return 1\n"
    diff = compare_files("a.py", before, before.replace(b"return 1", b"return 2"))
    assert [(line.kind, line.before, line.after) for line in diff.lines] == [
        ("kept", 2, 2),
        ("kept", 3, 3),
        ("kept", 4, 4),
        ("removed", 5, None),
        ("added", None, 5),
    ]
    assert '<span class="mi">2</span>' in diff.lines[-1].text


def test_text_is_escaped_and_steers_nothing() -> None:
    diff = compare_files("a.py", b"x = 1\n", b'x = \'<script>alert(1)</script>\'  # \x1b[31m\n"""a\nb"""\n')
    shown = "".join(line.text for line in diff.lines)
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "\x1b" not in shown
    for line in diff.lines:
        assert line.text.count("<span") == line.text.count("</span>")


def test_what_is_new_equal_empty_or_too_long_is_said() -> None:
    assert compare_files("a.py", None, b"x = 1\n").kind == "added"
    assert compare_files("a.py", b"x = 1\n", b"x = 1\r\n").is_same
    assert compare_files("a.py", b"", b"").is_same
    assert not compare_files("a.py", b"x" * (MOST_BYTES_OF_A_FILE + 1), b"y = 2\n").is_compared
    long = compare_files("a.py", b"x\n" * (MOST_LINES + 1), b"y = 2\n")
    assert (long.is_compared, long.is_same, len(long.lines)) == (False, False, 1)
    assert compare_files("a.py", b"\xff\xfe", b"x = 1\n").lines
