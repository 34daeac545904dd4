"""What a run reports while it is judged, in the real jail: its steps, what is printed, and the answers of checks."""

from pathlib import Path

import pytest

from grading.confirmation import grade_surely
from grading.facilities import Facilities
from grading.judging import OUTPUT, STEP
from grading.pipeline import Job
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.verdict import Outcome, Verdict
from grading.world import Draw

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
FIRST, LAST_WORD = Draw(1, 10, "plain"), Draw(1, 20, "plain")
# Says which draw it sees, and takes its time, so that it is heard while it runs.
TALKS = """
import pathlib, sys, time
raw = pathlib.Path(sys.argv[sys.argv.index("--raw") + 1])
print("the first is", (raw / "numbers.txt").read_text().split()[0], "\x1b[31m", flush=True)
time.sleep(1.2)
"""
Reported = list[tuple[str, str, str]]


@pytest.fixture
def facilities(tmp_path: Path) -> Facilities:
    return Facilities(Store(tmp_path / "store"), choose(), ROOT / ".environments")


def judge(facilities: Facilities, kind: str, before: str = "") -> tuple[Verdict, Reported]:
    """The reference, with this at the head of its ingest."""
    store, reported = facilities.store, Reported()
    files = {path.relative_to(TINY / "reference").as_posix(): path for path in (TINY / "reference").rglob("*.py")}
    texts = {name: path.read_bytes() for name, path in files.items()}
    texts["pipeline/ingest.py"] = before.encode() + texts["pipeline/ingest.py"]
    job = Job(store.put(TINY), kind, store.put_files(texts), FIRST)
    verdict = grade_surely(
        job, (LAST_WORD,), facilities, lambda milestone, text, kind=STEP, /: reported.append((milestone, text, kind))
    )
    return verdict, reported


def test_steps_and_answers_are_told_in_their_order(facilities: Facilities) -> None:
    verdict, reported = judge(facilities, "clean")
    assert verdict.outcome is Outcome.PASSED
    assert [text for _, text, kind in reported if kind == STEP][:3] == [
        "laying out your data",
        "running your code",
        "asking the checks",
    ]
    questions = [(link.kind, f"holds: {result.question}", "held") for link in verdict.chain for result in link.results]
    assert [told for told in reported if told[2] not in (STEP, OUTPUT)] == questions
    again = [text for milestone, text, _ in judge(facilities, "clean")[1] if milestone == "ingest"]
    assert again[1] == "nothing in it changed, so we use what it made last time"


def test_what_is_printed_is_told_while_it_runs_and_never_on_the_draws_that_have_the_last_word(
    facilities: Facilities,
) -> None:
    verdict, reported = judge(facilities, "ingest", TALKS)
    assert verdict.outcome is Outcome.PASSED
    said = [(milestone, text) for milestone, text, kind in reported if kind == OUTPUT]
    assert said == [("ingest", "the first is 10 \N{REPLACEMENT CHARACTER}[31m")], "of the one draw, and of no other"
    assert ("ingest", "confirming the pass on a draw that is kept for the last word", STEP) in reported
