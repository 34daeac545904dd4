"""Planted bugs: which are planted, and what a learner's own tests make of them in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grading.kit import DoesNotHold, Kills, Produced, plant_bugs, read_kills, write_bugs

CODE = '''"""Prices."""

def total(prices, rate=1.0):  # in euros
    kept = [price for price in prices if price >= 0]
    return sum(kept) * rate + 100

def cheapest(prices):
    return sorted(prices)[:3]
'''
TESTS = """from pipeline.prices import cheapest, total

def test_total():
    assert total([1, -5, 0]) == 101

def test_cheapest():
    assert cheapest([5, 4, 3, 2]) == [2, 3, 4]
"""
TREE = {"pipeline/__init__.py": "", "pipeline/prices.py": CODE, "tests/test_prices.py": TESTS, "broken.py": "def ("}


def run_probe(tree: dict[str, str], folder: Path, number: int = 3) -> Produced:
    """The probe as the line runs it, but without a jail."""
    for name in ("tree", "prepared", "out"):
        (folder / name).mkdir()
    for path, text in tree.items():
        file = folder / "tree" / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    write_bugs(tree, folder / "prepared", number)
    script, bugs = folder / "prepared" / "try_bugs.py", folder / "prepared" / "bugs.json"
    words = [sys.executable, str(script), "--bugs", str(bugs), "--out", str(folder / "out")]
    subprocess.run(words, cwd=folder / "tree", env={"PATH": "/usr/bin:/bin"}, check=True, timeout=120)
    return Produced(folder / "out")


def test_the_same_bugs_are_planted_each_time_and_none_in_tests_or_in_what_is_no_python() -> None:
    bugs = plant_bugs(TREE, 5)
    assert bugs == plant_bugs(TREE, 5)
    assert 3 <= len(bugs) == len({bug.name for bug in bugs}) <= 5
    assert {bug.path for bug in bugs} == {"pipeline/prices.py"}
    assert all(bug.source != CODE and "total" in bug.source for bug in bugs)
    assert plant_bugs({"a.py": "x = 1 < 2  # so long\n" * 20_000}) == []
    assert plant_bugs({"a.py": "x = " + "(" * 5000}) == []


def test_bugs_are_planted_behind_an_entry_only_where_one_is_given() -> None:
    tree = {
        "pipeline/__init__.py": "",
        "pipeline/serve.py": "import json\nfrom pipeline import model\nfrom .signals import hour\nSLOW = json > 1\n",
        "pipeline/model.py": "import pipeline.tables\nBIG = 1 < 2\n",
        "pipeline/tables.py": "import pipeline.serve\nBIG = 1 < 2\n",
        "pipeline/signals.py": "BIG = 1 < 2\n",
        "pipeline/train.py": "from pipeline.model import fit\nBIG = 1 < 2\n",
        "pipeline/broken.py": "def (",
    }
    behind = {f"pipeline/{name}.py" for name in ("serve", "model", "tables", "signals")}
    assert {bug.path for bug in plant_bugs(tree, 20, entry="pipeline/serve.py")} == behind
    assert {bug.path for bug in plant_bugs(tree, 20)} == behind | {"pipeline/train.py"}
    assert plant_bugs(tree, 20, entry="pipeline/nowhere.py") == []


@pytest.mark.slow
def test_tests_that_ask_notice_and_the_tree_is_left_as_it_was(tmp_path: Path) -> None:
    run = run_probe(TREE, tmp_path)
    kills = read_kills(run, TREE, 3)
    # A price of nothing adds nothing, so nobody can see that bug.
    assert kills.missed == ("pipeline/prices.py:4 compare-off-by-one",)
    assert {*kills.noticed, *kills.missed} == {bug.name for bug in plant_bugs(TREE, 3)}
    assert (tmp_path / "tree" / "pipeline" / "prices.py").read_text() == CODE


@pytest.mark.slow
def test_tests_that_ask_nothing_notice_nothing(tmp_path: Path) -> None:
    idle = {**TREE, "tests/test_prices.py": "import pipeline.prices\n\ndef test_it_is_there():\n    pass\n"}
    assert read_kills(run_probe(idle, tmp_path, 1), idle, 1).rate == 0


def test_tests_that_compare_files_and_not_answers_are_told_so(tmp_path: Path) -> None:
    text = "Path('pipeline/prices.py').read_text()"
    sly = f"from pathlib import Path\n\ndef test_text():\n    assert '# in euros' in {text}\n"
    with pytest.raises(DoesNotHold, match="do not pass on your own code"):
        read_kills(run_probe({**TREE, "tests/test_prices.py": sly}, tmp_path), TREE)


def test_no_tests_are_said_to_be_none(tmp_path: Path) -> None:
    bare = {path: text for path, text in TREE.items() if not path.startswith("tests")}
    with pytest.raises(DoesNotHold, match="finds no tests"):
        read_kills(run_probe(bare, tmp_path), bare)


@pytest.mark.parametrize("written", ["[]", "{}", '{"unchanged": "0", "bugs": {}}', '{"unchanged": 0, "bugs": []}'])
def test_what_the_probe_wrote_is_read_as_a_strangers(written: str, tmp_path: Path) -> None:
    (tmp_path / "kills.json").write_text(written)
    with pytest.raises(DoesNotHold):
        read_kills(Produced(tmp_path), TREE)


def test_only_planted_bugs_count_those_not_told_of_as_missed_those_not_tried_not_at_all(tmp_path: Path) -> None:
    names = [bug.name for bug in plant_bugs(TREE)]
    told = {"unchanged": 0, "bugs": {"made up": 1, names[0]: -1, names[1]: None}}
    (tmp_path / "kills.json").write_text(json.dumps(told))
    assert read_kills(Produced(tmp_path), TREE) == Kills((names[0],), tuple(names[2:]))
    assert Kills((), ()).rate == 0
