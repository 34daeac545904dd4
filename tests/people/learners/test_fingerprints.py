"""Fingerprints: what they see through, what they tell apart, and what no text can do to whoever takes them."""

import io
import itertools
import keyword
import subprocess
import sys
import time
import tokenize
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.learners.fingerprints import (
    GRAM,
    MOST_BYTES,
    MOST_LINE,
    WINDOW,
    Pair,
    Untold,
    count_repeated,
    fingerprint,
    match,
    pair_up,
    split_lines,
)

PROJECTS = Path(__file__).parents[3] / "projects"
SOLUTIONS = sorted(PROJECTS.glob("*/alternatives/*/pipeline/clean.py"))
PLAIN = PROJECTS / "chargeback-watch" / "alternatives" / "plain-python" / "pipeline" / "clean.py"


def values(text: str) -> set[int]:
    return {one.value for one in fingerprint(text.encode())}


def pair_all(texts: Sequence[str], least: float) -> list[Pair]:
    samples = [values(text) for text in texts]
    return pair_up(samples, [len(sample) for sample in samples], 12, least)


def rename(text: str) -> str:
    """Every name another one, and every number and text as well."""
    found = []
    for kind, word, *_rest in tokenize.generate_tokens(io.StringIO(text).readline):
        if kind == tokenize.NAME and not keyword.iskeyword(word):
            word = f"other_{word}"
        found.append((kind, "'another'" if kind == tokenize.STRING else word))
    return tokenize.untokenize(found)


def reorder(text: str) -> str:
    """Its top-level parts the other way round."""
    return "\n\n\n".join(reversed(text.split("\n\n\n")))


def comment(text: str) -> str:
    """A comment and an empty line after every line that is a whole statement, and another indentation."""
    lines = (line.replace("    ", "  ") for line in text.split("\n"))
    return "\n".join(f"{line}  # a remark\n" if line.endswith(")") else line for line in lines)


@pytest.mark.parametrize("hide", [rename, reorder, comment, lambda text: comment(rename(reorder(text)))])
@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.parts[-3])
def test_a_copy_is_found_whatever_was_done_to_hide_it(path: Path, hide: object) -> None:
    text = path.read_text()
    hidden = hide(text)  # type: ignore[operator]
    assert hidden != text
    (pair,) = pair_all([text, hidden], 0.4)
    assert pair.share > 0.85


def test_independent_solutions_of_one_task_are_not_called_alike() -> None:
    assert len(SOLUTIONS) == 4
    assert pair_all([path.read_text() for path in SOLUTIONS], 0.2) == []


def test_a_copied_half_is_contained_although_the_whole_is_longer() -> None:
    text, other = PLAIN.read_text(), SOLUTIONS[-1].read_text()
    half = "\n\n\n".join(text.split("\n\n\n")[:6])
    (pair,) = pair_all([half, rename(half) + other], 0.4)
    assert pair.share > 0.9
    assert pair.overlap < 0.6


def test_what_lies_where_is_told_by_lines_of_both() -> None:
    function = max(PLAIN.read_text().split("\n\n\n")[1:], key=len)
    first, second = f"x = 1\n\n\n{function}\n", f"import os\nimport re\n# here\n\n{rename(function)}\n"
    (sides,) = match({"a.py": fingerprint(first.encode())}, {"b.py": fingerprint(second.encode())}, set())
    mine, theirs = sides
    assert (mine.path, theirs.path) == ("a.py", "b.py")
    length = len(function.split("\n"))
    assert 4 <= mine.first <= 6
    assert 5 <= theirs.first <= 7
    assert mine.last - mine.first > length / 2
    common = values(function)
    assert match({"a.py": fingerprint(first.encode())}, {"b.py": fingerprint(second.encode())}, common) == []


def test_what_several_have_is_counted_and_who_has_little_is_in_no_pair() -> None:
    assert count_repeated([[1, 2], [1, 3], [4, 1, 3]]) == {1: 3, 3: 2}
    assert pair_up([{1, 2}, {1, 2}], [9, 10], 10, 0.1) == []
    assert pair_up([{1, 2}, {1, 2}], [10, 20], 10, 0.2) == [Pair(0, 1, 2, 10, 20)]
    assert pair_up([{1, 2}, {1, 2}], [11, 20], 10, 0.2) == []


@given(st.lists(st.sampled_from("+-*/%@&|^"), min_size=GRAM + WINDOW - 1, max_size=90), st.data())
def test_a_stretch_as_long_as_promised_always_leaves_a_fingerprint_in_both(
    signs: list[str], data: st.DataObject
) -> None:
    """The guarantee of winnowing, whatever stands around the stretch."""
    shared = "".join(f"a {sign}\n" for sign in signs)
    before, after = data.draw(st.sampled_from(["", "b < ", "b << c <= "])), data.draw(st.sampled_from(["", "= 5"]))
    assert values(f"({shared} a)") & values(f"[{before}{shared} a{after}]")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x = '''never closed", "torn"),
        (b"(" * 500 + b"\n", "torn"),
        (b"if x:\n    a\n  b\n", "torn"),
        (b"x = '" + b"a" * MOST_LINE + b"'\n", "long"),
        (b"x = 1\n" * (MOST_BYTES // 6 + 1), "large"),
    ],
)
def test_what_is_no_python_or_too_much_of_it_is_not_told(content: bytes, reason: str) -> None:
    with pytest.raises(Untold) as untold:
        fingerprint(content)
    assert untold.value.reason == reason


def fill(piece: str) -> bytes:
    """As much of it as is read at all."""
    lines = itertools.repeat((piece * MOST_LINE)[: MOST_LINE - 1] + "\n", MOST_BYTES // MOST_LINE)
    return "".join(lines).encode()[:MOST_BYTES]


HOSTILE = {
    "brackets": fill("("),
    "quotes": fill("\"'"),
    "backslashes": fill("'\\a"),
    "one name": fill("a"),
    "zeros": fill("0,"),
    "f-strings": fill("f'{"),
    "no characters": fill("\0"),
    "no letters": b"\xff" * (MOST_LINE - 1),
    "dots": fill("."),
    "exponents": fill("1e"),
    "stairs": b"".join(b" " * depth + b"if x:\n" for depth in range(600)),
    "a slow encoding": b"# coding: punycode\n" + fill("a-")[:-MOST_LINE],
    "a torn triple": b"'''\n" + b"a\n" * 90_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_takes_long(content: bytes) -> None:
    assert len(content) <= MOST_BYTES
    began = time.process_time()
    with suppress(Untold):
        fingerprint(content)
    assert time.process_time() - began < 5


def test_the_most_tokens_that_there_can_be_take_little_memory() -> None:
    """Of a process of its own, since watching each allocation takes ten times as long as all of them."""
    code = """
import re, sys
from pathlib import Path
from people.learners.fingerprints import fingerprint
read_peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
text = sys.stdin.buffer.read()
before = read_peak()
assert fingerprint(text)
print(read_peak() - before)
"""
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, input=HOSTILE["zeros"], cwd=PROJECTS.parent, capture_output=True, check=True)
    assert 0 < int(said.stdout) < 100 * 2**10


def test_lines_are_counted_alike_by_prints_and_by_pages() -> None:
    text = PLAIN.read_text()
    windows = text.replace("\n", "\r\n").encode()
    assert fingerprint(windows) == fingerprint(text.encode())
    assert split_lines(windows) == text.split("\n")
