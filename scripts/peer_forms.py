"""One task's code and questions in the form that each grader reads. Runs nothing, and knows no task in particular."""

import json
from collections.abc import Mapping
from typing import Any

# What every form but ours does before the questions, once.
READ = 'FOUND, TRUTH = pd.read_parquet("rows.parquet"), pd.read_parquet("truth.parquet")\n'

OURS = """
from functools import cache
from grading.kit import DoesNotHold, Produced, Truth, check, table
{questions}
@cache
def _known(folder):
    return Truth(folder).table("rows")


def _ask(question, produced, truth):
    try:
        question(table(produced, "rows.parquet", columns=COLUMNS), _known(truth.folder))
    except AssertionError as no:
        raise DoesNotHold(str(no)) from None
"""
OUR_CHECK = '''

@check(skills=["{skill}"])
def check_{name}(produced, truth):
    """{sentence}"""
    _ask({name}, produced, truth)
'''
OTTER_TESTS = """
from functools import cache
from otter.test_files import test_case
{questions}
OK_FORMAT = False
name = "questions"
points = {points}


@cache
def frames():
    return pd.read_parquet("rows.parquet"), pd.read_parquet("truth.parquet")
"""
OTTER_TEST = '''

@test_case(points=1, hidden=True)
def test_{name}():
    """{sentence}"""
    {name}(*frames())
'''


def program(source: str) -> str:
    """The learner's code as a module to be run: `python -m pipeline.task RAW OUT`."""
    return f"import sys\n{source}\n\nmain(Path(sys.argv[1]), Path(sys.argv[2]))\n"


def cell_of(source: str, more: str) -> str:
    """The learner's code as one cell of a notebook."""
    return f'{source}\n\nmain(Path("."), Path("."))\n{more}'


def checks_for_us(questions: str, asked: Mapping[str, str], skill: str) -> str:
    checks = [OUR_CHECK.format(name=name, sentence=sentence, skill=skill) for name, sentence in asked.items()]
    return OURS.format(questions=questions) + "".join(checks)


def pytest_file(questions: str, asked: Mapping[str, str]) -> str:
    return questions + "\n\n" + READ + "".join(f"\n\ndef test_{name}():\n    {name}(FOUND, TRUTH)\n" for name in asked)


def otter_tests(questions: str, asked: Mapping[str, str]) -> str:
    tests = [OTTER_TEST.format(name=name, sentence=sentence) for name, sentence in asked.items()]
    return OTTER_TESTS.format(questions=questions, points=len(asked)) + "".join(tests)


def otter_notebook(source: str, more: str) -> str:
    return notebook(cell("learner", cell_of(source, more)))


def nbgrader_notebook(questions: str, asked: Mapping[str, str]) -> str:
    """The teacher's: a cell to be filled in, one with the questions, and one for each of them with its point."""
    return notebook(
        cell("learner", "...", solution=True),
        cell("questions", questions + "\n\n" + READ, locked=True),
        *(cell(name, f"{name}(FOUND, TRUTH)", locked=True, grade=True, points=1) for name in asked),
    )


def submission(released: str, source: str, more: str) -> str:
    """The released notebook with the learner's cell filled in."""
    told = json.loads(released)
    for one in told["cells"]:
        if one["metadata"].get("nbgrader", {}).get("grade_id") == "learner":
            one["source"] = cell_of(source, more)
    return json.dumps(told)


def cell(name: str, source: str, **grading: object) -> dict[str, Any]:
    about = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "grade_id": name}
    metadata = {"nbgrader": {**about, **grading}} if grading else {}
    return {
        "cell_type": "code",
        "id": name[:60].replace("_", "-"),
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def notebook(*cells: dict[str, Any]) -> str:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": list(cells)})
