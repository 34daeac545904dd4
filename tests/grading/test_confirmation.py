"""The last word: luck on one draw does not pass, and a near miss on one draw does not fail."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from grading.confirmation import grade_surely
from grading.facilities import Facilities
from grading.pipeline import Job
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.verdict import Answer, Outcome, Verdict
from grading.world import Draw

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
FIRST, SECOND, THIRD = (Draw(1, number, "plain") for number in (10, 20, 30))

# The tiny world's numbers begin with its draw, so a check and a tree can tell the draws apart.
LUCKY = """
import argparse, json, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--raw", type=pathlib.Path)
parser.add_argument("--out", type=pathlib.Path)
told = parser.parse_args()
numbers = [int(line) for line in (told.raw / "numbers.txt").read_text().splitlines()]
(told.out / "numbers.json").write_text(json.dumps({"numbers": numbers if numbers[0] in RIGHT else []}))
"""
NEAR = '''
from grading.kit import Measured, Produced, Truth, at_least, check, document

@check(skills=["acquire-data"])
def the_first_is_large_enough(produced: Produced, truth: Truth) -> Measured:
    """The first number is large enough."""
    first = document(produced, "numbers.json", fields={"numbers": "list"})["numbers"][0]
    return at_least(first, MARK, "The first number is too small.", margin=5)
'''


@dataclass(frozen=True)
class Bench:
    facilities: Facilities
    folder: Path

    def judge(self, *, right: set[int] | None = None, near: int | None = None, kind: str = "ingest") -> Verdict:
        """The verdict on a tree that is right on draws with these first numbers, or by a check with this mark."""
        package, tree = self.folder / "package", self.folder / "tree"
        for folder, source in ((package, TINY), (tree, TINY / "reference")):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
        if right is not None:
            (tree / "pipeline" / "ingest.py").write_text(LUCKY.replace("RIGHT", repr(right)))
        if near is not None:
            (package / "ingest" / "checks.py").write_text(NEAR.replace("MARK", str(near)))
        job = Job(self.facilities.store.put(package), kind, self.facilities.store.put(tree), FIRST)
        return grade_surely(job, (SECOND, THIRD), self.facilities)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("confirmation")
    return Bench(Facilities(Store(folder / "store"), choose(), ROOT / ".environments"), folder)


def test_a_pass_stands_when_another_draw_agrees_and_falls_when_none_does(bench: Bench) -> None:
    confirmed = bench.judge(right={10, 20})
    by_the_third = bench.judge(right={10, 30})
    lucky = bench.judge(right={10})

    assert [confirmed.outcome, by_the_third.outcome, lucky.outcome] == [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED]
    assert confirmed.digests["confirmed_on"] != by_the_third.digests["confirmed_on"]
    assert confirmed.digests["world"] == by_the_third.digests["world"]
    [held, withheld] = lucky.own.results
    assert (held.answer, withheld.answer, withheld.name) == (Answer.HELD, Answer.FAILED, "holds_on_other_draws")
    assert "numbers came of" not in lucky.sentence, "what a check says of a sequestered draw is told to nobody"
    assert "fits one draw only" in lucky.sentence


def test_a_pass_is_withheld_at_the_milestone_that_does_not_hold_elsewhere(bench: Bench) -> None:
    lucky = bench.judge(right={10}, kind="clean")

    assert (lucky.kind, lucky.outcome, lucky.guilty) == ("clean", Outcome.FAILED, "ingest")
    assert [(link.kind, link.outcome) for link in lucky.chain] == [("ingest", Outcome.FAILED)]
    assert [result.name for result in lucky.own.results if result.missed] == ["holds_on_other_draws"]
    assert lucky.own.sentence == lucky.sentence
    assert "your ingest does not hold" in lucky.sentence


def test_a_refusal_is_not_reconsidered_unless_it_is_a_near_miss(bench: Bench) -> None:
    clear = bench.judge(near=16)  # 10 is six short of the mark, and the margin is five
    near = bench.judge(near=12)
    [told] = near.own.results

    assert bench.judge(right={20, 30}).outcome is Outcome.FAILED
    assert (clear.outcome, clear.sentence) == (Outcome.FAILED, "The first number is too small.")
    assert near.outcome is Outcome.PASSED
    assert near.sentence.endswith("On one draw your ingest fell just short; on 2 others it holds.")
    assert (told.measured, told.mark) == (30, 12)
