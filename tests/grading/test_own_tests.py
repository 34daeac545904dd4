"""The probe that plants bugs in a learner's code and runs their own tests, in the real jail; ruff in the examiner's."""

import shutil
from pathlib import Path

import pytest

from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.verdict import Answer, Outcome
from grading.world import Draw

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"

MILESTONES = """
milestones:
  - kind: ingest
    title: Count
    summary: Say a number.
    minutes: 1
    command: python -m prices --out {out}
    produces: {total.json: 1}
    sources: true
    limits: {cpu_s: 30, wall_s: 120, memory_mb: 512}
    probes:
      own_tests:
        command: python {prepared}/try_bugs.py --bugs {prepared}/bugs.json --out {out}
        produces: {kills.json: 1}
        prepares: {try_bugs.py: 1, bugs.json: 4}
"""
PROBE = """
from grading.kit import write_bugs

def own_tests(produced, truth, prepared):
    write_bugs(produced.sources, prepared, 4)
    return {}
"""
ASK = '''
from grading.kit import Produced, Truth, check, expect, find_faults, read_kills

@check(skills=["observe-and-test"])
def own_tests_notice(produced: Produced, truth: Truth) -> None:
    """Your tests notice bugs."""
    kills = read_kills(produced.probes["own_tests"], produced.sources, 4)
    expect(kills.rate >= 0.5, f"Of {len(kills.noticed + kills.missed)} bugs {len(kills.noticed)} were noticed.")

@check(skills=["observe-and-test"])
def nothing_is_left_lying_about(produced: Produced, truth: Truth) -> None:
    """No rule is broken."""
    faults = find_faults(produced.sources)
    expect(not faults, "; ".join(f"{fault.path}:{fault.line} {fault.code}" for fault in faults))
'''
PRICES = """import argparse, json, pathlib

def total(prices, rate):
    return sum(price for price in prices if price > 0) * rate + 2

def cheapest(prices):
    return sorted(prices)[:3]

if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--out", type=pathlib.Path)
    (words.parse_args().out / "total.json").write_text(json.dumps(total([1, 2], 3)))
"""
KEEN = """from prices import cheapest, total

def test_prices():
    assert total([1, -1, 5], 2) == 14
    assert cheapest([5, 4, 3, 2]) == [2, 3, 4]
"""
IDLE = "import os\nimport prices\n\ndef test_nothing():\n    assert prices\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(TINY, tmp_path / "package"))
    told = folder / "project.yaml"
    told.write_text(told.read_text().partition("milestones:")[0] + MILESTONES)
    (folder / "ingest" / "checks.py").write_text(ASK)
    (folder / "ingest" / "probes.py").write_text(PROBE)
    return folder


def test_keen_tests_pass_idle_ones_do_not_and_what_lies_about_is_named(package: Path, tmp_path: Path) -> None:
    facilities = Facilities(Store(tmp_path / "store"), choose(), ROOT / ".environments")
    stored = facilities.store.put(package)
    keen, idle = (
        grade(Job(stored, "ingest", facilities.store.put_files(files), Draw(1, 2, "plain")), facilities)
        for tests in (KEEN, IDLE)
        for files in [{"prices.py": PRICES.encode(), "test_prices.py": tests.encode()}]
    )

    assert keen.outcome is Outcome.PASSED, keen.sentence
    assert idle.outcome is Outcome.FAILED
    assert idle.sentence == "Of 4 bugs 0 were noticed."
    assert [result.answer for result in idle.own.results] == [Answer.FAILED, Answer.FAILED]
    assert idle.own.results[1].sentence == "test_prices.py:1 F401"
