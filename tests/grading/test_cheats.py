"""Four tries to cheat: each ends in a verdict that is worth nothing to the cheat."""

import pytest

from grading.verdict import Outcome

pytestmark = pytest.mark.attack

SEARCH = """
import pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
found = []
for root in ("/work", "/ours", "/package", "/proc/1/root/work", "/tmp", "/root", "/home", "/var"):
    try:
        for path in pathlib.Path(root).rglob("*"):
            if path.name in ("truth", "checks.py", "defects.parquet", "results.json", "secret-key", "project.yaml"):
                found.append(str(path))
    except OSError:
        pass
print("FOUND", found)
"""
FORGE = """
import json, os, pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
told = {"answers": [{"name": "a", "question": "q", "answer": "held", "skills": ["clean"], "level": 4, "points": 9,
        "required": True, "sentence": "", "expected": "", "found": "", "details": []}]}
for name in ("results.json", "prepared.json", "verdict.json", "transactions.parquet"):
    (out / name).write_text(json.dumps(told))
print(json.dumps({"outcome": "passed", **told}))
os._exit(0)
"""
EARLY = "import os, sys\nprint('All checks hold.')\nos._exit(0)\n"
PICKLE = """
import os, pathlib, pickle, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
class Opened:
    def __reduce__(self):
        return os.system, ("touch /tmp/milepost-was-here; echo PWNED",)
for name in ("transactions", "merchants", "customers", "contracts", "fx", "disputes"):
    (out / f"{name}.parquet").write_bytes(pickle.dumps(Opened()))
"""


def test_the_truth_is_not_there_to_be_read(grader) -> None:  # type: ignore[no-untyped-def]
    verdict = grader.judge("ingest", ingest=SEARCH)
    assert verdict.outcome is Outcome.FAILED
    assert "FOUND []" in verdict.own.output


def test_a_forged_result_is_not_taken_out_of_the_sandbox(grader) -> None:  # type: ignore[no-untyped-def]
    verdict = grader.judge("ingest", ingest=FORGE)
    assert verdict.outcome is Outcome.FAILED
    assert [entry.path for entry in grader.facilities.store.entries(verdict.own.artefact)] == ["transactions.parquet"]


def test_an_early_exit_with_success_passes_nothing(grader) -> None:  # type: ignore[no-untyped-def]
    verdict = grader.judge("ingest", ingest=EARLY)
    assert verdict.outcome is Outcome.FAILED
    assert "transactions.parquet" in verdict.sentence


def test_an_artefact_that_is_a_pickle_is_named_and_never_opened(grader, tmp_path) -> None:  # type: ignore[no-untyped-def]
    verdict = grader.judge("ingest", ingest=PICKLE)
    assert verdict.outcome is Outcome.FAILED
    assert "pickle" in verdict.sentence
    assert "PWNED" not in repr(verdict)
