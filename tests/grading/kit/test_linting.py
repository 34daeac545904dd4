"""Ruff on texts: what it finds is told by path and line, and the texts' own wishes are not heard."""

import pytest

from grading.kit import Fault, find_faults


def test_faults_are_told_by_path_and_line_whatever_the_tree_says_about_itself() -> None:
    sources = {
        "pipeline/b.py": "import os  # noqa\n\n\ndef f(x=[]):\n    return y\n",
        "a.py": "def f(:\n",
        "pyproject.toml": "[tool.ruff]\nexclude = ['*']\n",
    }
    found = find_faults(sources)
    assert [(fault.path, fault.line, fault.code) for fault in found if fault.path != "a.py"] == [
        ("pipeline/b.py", 1, "F401"),
        ("pipeline/b.py", 4, "B006"),
        ("pipeline/b.py", 5, "F821"),
    ]
    assert {fault.code for fault in found if fault.path == "a.py"} == {"syntax"}
    assert Fault("pipeline/b.py", 5, "F821", "Undefined name `y`") in found


def test_clean_code_has_none_and_rules_are_chosen() -> None:
    assert find_faults({"a.py": "import os\n\nprint(os.name)\n"}) == []
    assert find_faults({}) == []
    assert [fault.code for fault in find_faults({"a.py": "X = 'a'\n"}, select=["Q000"])] == ["Q000"]


@pytest.mark.parametrize("path", ["/etc/a.py", "../a.py", "a/../../b.py"])
def test_a_path_that_leads_out_of_the_tree_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        find_faults({path: "x = 1\n"})
