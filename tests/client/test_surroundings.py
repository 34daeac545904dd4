"""Where this machine differs from the grader's is said in sentences, and nothing is said where it does not."""

import platform
import sys
from pathlib import Path

import pytest
from milepost.bench import Bench
from milepost.environments import _base_python, place_of
from milepost.surroundings import Interpreter, describe_differences, look_at
from milepost.troubles import Refused

HERE = f"{platform.system()} {platform.machine()}"
JAILED = ["network namespace"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    locks = tmp_path / "engine" / "environments" / "ml"
    locks.mkdir(parents=True)
    (locks / "requirements.txt").write_text("numpy==2.4.6\n    # via pandas\nPy_Yaml==6.0.3\npsycopg[binary]==3.1\n")
    (locks / "torch.txt").write_text("torch==2.13.0\n")
    return Bench(tmp_path, {"environment": "ml", "python": "3.11.7", "platform": HERE})


def test_an_equal_machine_has_no_differences(bench: Bench) -> None:
    packages = {"numpy": "2.4.6", "py-yaml": "6.0.3", "psycopg": "3.1", "torch": "2.13.0+cpu", "more": "1"}
    assert describe_differences(bench, Interpreter("python", "3.11.7", packages), JAILED) == []


def test_each_difference_has_its_sentence(bench: Bench) -> None:
    found = Interpreter("python", "3.13.1", {"numpy": "2.3.0", "py-yaml": "6.0.3"})
    bench.about["platform"] = "Linux riscv64"
    assert describe_differences(bench, found, []) == [
        "Your code runs with Python 3.13.1 here; the grader has 3.11.7.",
        f"This machine is {HERE}; the grader is Linux riscv64.",
        "Not installed here, though the grader has them: psycopg, torch.",
        "Other versions here: numpy 2.3.0 (grader 2.4.6).",
        "Your code runs unjailed here: it can reach your files and the network; the grader's cannot.",
    ]


def test_a_server_that_says_little_is_not_held_against_the_machine(bench: Bench) -> None:
    bench.about.update(python="", platform="")
    said = describe_differences(bench, Interpreter("python", "3.11.9", {}), JAILED)
    assert said == ["Not installed here, though the grader has them: numpy, py-yaml, psycopg, torch."]


def test_an_interpreter_is_looked_at_and_named_by_all_that_is_in_it() -> None:
    found = look_at(sys.executable)
    assert (found.python, "pytest" in found.packages) == (platform.python_version(), True)
    assert found.digest != Interpreter(found.executable, found.python, {}).digest
    with pytest.raises(Refused, match="no Python"):
        look_at("/nowhere/python")


def test_equal_locks_share_a_place_and_the_graders_python_is_preferred(bench: Bench) -> None:
    first = place_of(bench, "ml")
    assert place_of(bench, "ml") == first
    (bench.engine / "environments" / "ml" / "torch.txt").write_text("torch==2.14.0\n")
    assert place_of(bench, "ml") != first
    assert _base_python(platform.python_version()) == _base_python("9.99.1") == _base_python("") == sys.executable
