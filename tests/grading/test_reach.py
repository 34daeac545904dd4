"""Which files a milestone can use decides what is judged again."""

import pytest

from grading.reach import entry_module, reach

TREE = {
    "README.md": "words",
    "pipeline/__init__.py": "",
    "pipeline/ingest.py": "from pipeline import shared\nimport json\n",
    "pipeline/shared.py": "from . import deeper\n",
    "pipeline/deeper.py": "x = 1",
    "pipeline/clean.py": "import pipeline.shared",
    "tests/test_ingest.py": "import pipeline.ingest",
}


def reached(entry: str = "pipeline.ingest", **changes: str) -> set[str]:
    tree = {**TREE, **{name.replace("__", "/") + ".py": text for name, text in changes.items()}}
    return set(reach(tree, lambda path: tree[path].encode(), entry))


def test_static_imports_are_followed_and_nothing_else_is_reached() -> None:
    assert reached() == {
        "README.md",
        "pipeline/__init__.py",
        "pipeline/ingest.py",
        "pipeline/shared.py",
        "pipeline/deeper.py",
    }
    assert "pipeline/ingest.py" not in reached("pipeline.clean")


@pytest.mark.parametrize(
    "source",
    [
        "import importlib",
        "__import__('pipeline.clean')",
        "exec(open('pipeline/clean.py').read())",
        "import subprocess",
        "import sys; sys.modules['x']",
        "import os; os.execv('python', ['-m', 'pipeline.clean'])",
        "import os; os.system('python -m pipeline.clean')",
        "print(__file__)",
        "from pipeline.shared import *",
        "import sys; sys.path.append('elsewhere')",
        "not " * 50_000 + "1",
        "lambda: " * 50_000 + "1",
        "1" + "+1" * 50_000,
        "x;" * 150_000,
        "def broken(:",
    ],
)
def test_code_that_reaches_in_other_ways_reaches_everything(source: str) -> None:
    assert "pipeline/clean.py" in reached(pipeline__deeper=source)


def test_words_that_only_look_dynamic_are_followed_as_ever() -> None:
    innocent = "import re\nre.compile('x')\nframe.eval('a + b')\nmodel.eval()\ncursor.execute('x')\n"
    assert "pipeline/clean.py" not in reached(pipeline__deeper=innocent)


def test_an_entry_that_is_not_there_reaches_everything() -> None:
    assert reached("pipeline.missing") == set(TREE)


def test_the_entry_is_read_off_the_command() -> None:
    assert entry_module(("python", "-m", "pipeline.ingest", "--raw", "{raw}")) == "pipeline.ingest"
    assert entry_module(("python", "ingest.py")) == ""
