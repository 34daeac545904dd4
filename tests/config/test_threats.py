"""The threat model names tests that there are, and every attack."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.hostile.programs import CLASSES, find_programs

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "threats.md").read_text()
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_that_is_named_exists() -> None:
    named = TEST.findall(TEXT)
    assert len(named) > 80
    assert [f"{path}::{name}" for path, name in named if name not in list_tests(path)] == []


def test_every_threat_names_what_stops_it_and_a_test() -> None:
    threats = TEXT[TEXT.index("## A learner, against the verdict") : TEXT.index("## The programs that try")]
    rows = [line for line in threats.splitlines() if line.startswith("| ") and not line.startswith("| threat ")]
    assert len(rows) > 40
    for row in rows:
        threat, stopped, shown = (cell.strip() for cell in row.strip("|").split(" | "))
        assert threat
        assert stopped
        assert all(TEST.fullmatch(one) for one in shown.strip("| ").split("<br>")), row


def test_every_attack_is_named_in_its_class() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (`.+`) \|$", TEXT[TEXT.index("## The programs that try") :], re.MULTILINE))
    assert rows.keys() == CLASSES.keys()
    told = {f"{kind}/{name}" for kind, names in rows.items() for name in re.findall(r"`(\w+)`", names)}
    assert told == {program.name for program in find_programs()}


@cache
def list_tests(path: str) -> set[str]:
    """The tests that pytest collects from this file."""
    if not (ROOT / path).is_file():
        return set()
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
